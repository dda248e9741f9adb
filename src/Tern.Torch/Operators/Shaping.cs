namespace Tern.Torch;

/// <summary>Shape, type, place and reduction.</summary>
public sealed partial class Tensor
{
    public Tensor Reshape(params long[] shape) => Operator.Get("aten::reshape", this, shape);
    public Tensor Flatten(int from = 1) => Operator.Get("aten::flatten.using_ints", this, from, -1);
    public Tensor Unsqueeze(int dimension) => Operator.Get("aten::unsqueeze", this, dimension);
    public Tensor Transpose() => Operator.Get("aten::t", this);

    /// <summary>The same with zeros below diagonal number <paramref name="diagonal"/>: 0 is the main one, 1 the one above it.</summary>
    public Tensor UpperTriangle(int diagonal = 0) => Operator.Get("aten::triu", this, diagonal);

    public Tensor Permute(params long[] order) => Operator.Get("aten::permute", this, order);
    /// <summary>The other way round along a dimension.</summary>
    public Tensor Flip(int dimension) => Operator.Get("aten::flip", this, new long[] { dimension });

    public Tensor Narrow(int dimension, long start, long length) => Operator.Get("aten::narrow", this, dimension, start, length);
    public Tensor IndexSelect(int dimension, Tensor index) => Operator.Get("aten::index_select", this, dimension, index);
    public Tensor Contiguous(MemoryFormat format = MemoryFormat.Contiguous) => Operator.Get("aten::contiguous", this, (int)format);
    public Tensor Detach() => Operator.Get("aten::detach", this);
    public Tensor Clone() => Operator.Get("aten::clone", this);
    public Tensor To(DType type) => Operator.Get("aten::to.dtype", this, type);
    public Tensor To(Device device) => device == Device ? this : Operator.Get("aten::to.dtype_layout", this, Argument.None, Argument.None, device);
    public Tensor ZerosLike() => Operator.Get("aten::zeros_like", this);

    public static Tensor Concatenate(Tensor[] tensors, int dimension = 0) => Operator.Get("aten::cat", tensors, dimension);

    public Tensor Sum() => Operator.Get("aten::sum", this);
    public Tensor Sum(params long[] dimensions) => Operator.Get("aten::sum.dim_IntList", this, dimensions);
    public Tensor Mean() => Operator.Get("aten::mean", this);
    public Tensor Mean(params long[] dimensions) => Operator.Get("aten::mean.dim", this, dimensions);
    public Tensor Max() => Operator.Get("aten::max", this);

    /// <summary>The largest value over some dimensions, which stay with size 1.</summary>
    public Tensor MaxOver(params long[] dimensions) => Operator.Get("aten::amax", this, dimensions, true);

    /// <summary>Length of the vectors along the last dimension, which stays with size 1; the gradient of a vector of zeros is zero.</summary>
    public Tensor Norm() => Operator.Get("aten::linalg_vector_norm", this, 2.0, new long[] { -1 }, true);

    /// <summary>The vectors along the last dimension divided by their length; one of zeros stays as it is.</summary>
    public Tensor Normalize() => this / Norm().ClampMin(1e-12);

    /// <summary>The k-th smallest of all elements, k from 1; not seen by a trace.</summary>
    public Tensor KthSmallest(long k) => Operator.Many("aten::kthvalue", Flatten(0), k)[0];

    public Tensor ArgMax(int dimension) => Operator.Get("aten::argmax", this, dimension);
    public bool AllFinite() => Operator.Get("aten::all", Operator.Get("aten::isfinite", this)).Item() != 0;
}
