using System.Runtime.InteropServices;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Tern.Encoding.Onnx;

namespace Tern.Encoding.Graphs;

/// <summary>Tensors as they lie in a file, to tensors we compute with and back.</summary>
internal static class TensorProtos
{
    /// <summary>Reads a tensor; its declared shape is compared with the bytes present before anything is allocated.</summary>
    /// <param name="proto">The tensor in the file.</param>
    /// <param name="where">The file and place, for messages.</param>
    public static OnnxTensor Read(TensorProto proto, string where)
    {
        where = $"{where}: tensor '{proto.Name}'";
        if (proto.DataLocation == TensorProto.Types.DataLocation.External || proto.ExternalData.Count > 0)
            throw new TernException($"{where} keeps its data in another file; save the model with its weights inside.");
        if (ElementTypes.FromNumber(proto.DataType) is not { } type)
            throw new TernException($"{where} has element type {TypeName(proto.DataType)}; "
                + "Tern reads float, double, uint8, int32, int64 and bool. Export the model in float32.");
        int[] shape = ReadShape(proto.Dims, where);
        long present = proto.HasRawData ? proto.RawData.Length / type.Size() : TypedCount(proto, type);
        if (Shapes.Count(shape) != present || proto.HasRawData && proto.RawData.Length % type.Size() != 0)
            throw new TernException($"{where} has shape {Shapes.Text(shape)} ({type}) but holds {present} values; the file is damaged.");

        OnnxTensor tensor = OnnxTensor.Allocate(type, shape);
        if (proto.HasRawData)
            proto.RawData.Span.CopyTo(tensor.Bytes);
        else
            ReadTyped(proto, tensor);
        if (type == OnnxElementType.Bool)
        {
            foreach (ref byte value in tensor.Bytes)
                value = value == 0 ? (byte)0 : (byte)1;
        }
        return tensor;
    }

    /// <summary>A tensor as it is written: little-endian raw bytes.</summary>
    public static TensorProto Write(OnnxTensor tensor, string name)
    {
        var proto = new TensorProto { Name = name, DataType = (int)tensor.ElementType, RawData = ByteString.CopyFrom(tensor.Bytes) };
        foreach (int extent in tensor.Shape)
            proto.Dims.Add(extent);
        return proto;
    }

    /// <summary>For messages: FLOAT16 (10).</summary>
    public static string TypeName(int number) => $"{(TensorProto.Types.DataType)number} ({number})";

    private static int[] ReadShape(RepeatedField<long> dims, string where)
    {
        var shape = new int[dims.Count];
        for (int axis = 0; axis < shape.Length; axis++)
        {
            if (dims[axis] is < 0 or > int.MaxValue)
                throw new TernException($"{where} has extent {dims[axis]} on axis {axis}; the file is damaged.");
            shape[axis] = (int)dims[axis];
        }
        return shape;
    }

    private static int TypedCount(TensorProto proto, OnnxElementType type) => type switch
    {
        OnnxElementType.Float => proto.FloatData.Count,
        OnnxElementType.Double => proto.DoubleData.Count,
        OnnxElementType.Int64 => proto.Int64Data.Count,
        _ => proto.Int32Data.Count,
    };

    private static void ReadTyped(TensorProto proto, OnnxTensor tensor)
    {
        switch (tensor.ElementType)
        {
            case OnnxElementType.Float: Copy(proto.FloatData, tensor, value => value); break;
            case OnnxElementType.Double: Copy(proto.DoubleData, tensor, value => value); break;
            case OnnxElementType.Int64: Copy(proto.Int64Data, tensor, value => value); break;
            case OnnxElementType.Int32: Copy(proto.Int32Data, tensor, value => value); break;
            case OnnxElementType.UInt8: Copy(proto.Int32Data, tensor, value => (byte)value); break;
            case OnnxElementType.Bool: Copy(proto.Int32Data, tensor, value => value != 0); break;
        }
    }

    private static void Copy<TFile, T>(RepeatedField<TFile> source, OnnxTensor tensor, Func<TFile, T> convert) where T : unmanaged
    {
        Span<T> target = tensor.Span<T>();
        for (int i = 0; i < target.Length; i++)
            target[i] = convert(source[i]);
    }
}
