using System.Runtime.InteropServices;
using Tern.Encoding.Graphs;

namespace Tern.Encoding.Kernels;

/// <summary>And, Or, Not on truth values, and Where, which chooses by them.</summary>
internal static class Logic
{
    public static Kernel BuildAnd(Node node) => Build<Both>;

    public static Kernel BuildOr(Node node) => Build<Either>;

    public static Kernel BuildNot(Node node) => call =>
    {
        RequireBool(call, 0);
        OnnxTensor result = call.Overwrite(0);
        ReadOnlySpan<bool> source = call[0].Span<bool>();
        Span<bool> target = result.Span<bool>();
        for (int i = 0; i < target.Length; i++)
            target[i] = !source[i];
        return [result];
    };

    public static Kernel BuildWhere(Node node) => call =>
    {
        RequireBool(call, 0);
        return [Binary.SameType(call, call[1], call[2]).Size() switch
        {
            1 => Where<byte>(call),
            4 => Where<uint>(call),
            _ => Where<ulong>(call),
        }];
    };

    private static OnnxTensor[] Build<TFunction>(Call call) where TFunction : IBinary<bool, bool>
    {
        RequireBool(call, 0);
        RequireBool(call, 1);
        return [Binary.Run<bool, bool, TFunction>(call, call[0], call[1], OnnxElementType.Bool)];
    }

    private static OnnxTensor Where<TUnit>(Call call) where TUnit : unmanaged
    {
        OnnxTensor condition = call[0], then = call[1], otherwise = call[2];
        int[] shape = Shapes.Broadcast(condition.Shape, Binary.Broadcast(call, then, otherwise))
            ?? throw call.Fault($"the condition {Shapes.Text(condition.Shape)} does not broadcast with the values");
        OnnxTensor result = call.New(then.ElementType, shape);
        ReadOnlySpan<bool> choose = condition.Span<bool>();
        ReadOnlySpan<TUnit> a = MemoryMarshal.Cast<byte, TUnit>(then.Bytes), b = MemoryMarshal.Cast<byte, TUnit>(otherwise.Bytes);
        Span<TUnit> target = MemoryMarshal.Cast<byte, TUnit>(result.Bytes);
        int[][] strides = [.. new[] { condition, then, otherwise }.Select(tensor => Shapes.BroadcastStrides(tensor.Shape, shape))];
        var rows = new StridedRows(shape, strides, [0, 0, 0]);
        while (rows.Next())
        {
            for (int i = 0; i < rows.Length; i++)
            {
                target[rows.Position + i] = choose[rows.Start(0) + i * rows.Step(0)]
                    ? a[rows.Start(1) + i * rows.Step(1)] : b[rows.Start(2) + i * rows.Step(2)];
            }
        }
        return result;
    }

    private static void RequireBool(Call call, int index)
    {
        if (call[index].ElementType != OnnxElementType.Bool)
            throw call.Fault($"input {index} is {call[index].ElementType}; Bool was expected");
    }

    private readonly struct Both : IBinary<bool, bool>
    {
        public static bool Apply(bool left, bool right) => left & right;
    }

    private readonly struct Either : IBinary<bool, bool>
    {
        public static bool Apply(bool left, bool right) => left | right;
    }
}
