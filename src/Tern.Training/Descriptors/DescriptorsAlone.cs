using Tern.Torch;

namespace Tern.Training.Descriptors;

/// <summary>How far pictures lie apart by each descriptor alone: where descriptors are added, or reduced together, none has a part of the embedding to compare.</summary>
internal static class DescriptorsAlone
{
    private const int BatchSize = 100;

    /// <summary>
    /// 1 - cosine of what a descriptor makes of two pictures, reduced: [descriptor][query][place in the gallery]. The gallery passes by a batch at a time, and of it only distances are kept.
    /// </summary>
    /// <param name="network">In evaluation mode.</param>
    /// <param name="queries">Numbers of pictures.</param>
    /// <param name="gallery">Numbers of pictures.</param>
    /// <param name="read">Numbers to a normalised batch [N, C, H, W].</param>
    /// <param name="cancellation">Asked before each batch.</param>
    public static double[][][] Distances(CombinedDescriptors network, int[] queries, int[] gallery, Func<int[], Tensor> read, CancellationToken cancellation)
    {
        using var noGrad = new NoGrad();
        using var scope = new TensorScope();
        Tensor[] asking = Units(network, read(queries));                                              // [Q, k] each
        double[][][] distances = [.. asking.Select(descriptor => Array.ConvertAll(queries, query => new double[gallery.Length]))];
        int done = 0;
        foreach (int[] batch in gallery.Chunk(BatchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = new TensorScope();
            Tensor[] answering = Units(network, read(batch));                                         // [N, k] each
            for (int i = 0; i < asking.Length; i++)
            {
                float[] cosines = asking[i].MatrixMultiply(answering[i].Transpose()).ToArray<float>();    // [Q, N]
                for (int j = 0; j < cosines.Length; j++) distances[i][j / batch.Length][done + j % batch.Length] = 1 - cosines[j];
            }
            done += batch.Length;
        }
        return distances;
    }

    private static Tensor[] Units(CombinedDescriptors network, Tensor images)
    {
        Tensor map = network.Trunk.Map(images);                                                       // [N, D, h, w]
        return [.. Enumerable.Range(0, network.Count).Select(descriptor => network.Reduced(descriptor, map).To(DType.Float32).Normalize())];
    }
}
