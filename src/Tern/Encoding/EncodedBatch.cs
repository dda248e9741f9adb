namespace Tern.Encoding;

/// <summary>What an <see cref="ImageEncoder"/> makes of N images, image after image.</summary>
/// <param name="Hash">[N, K]: the hash layer before it is cut to bits.</param>
/// <param name="Codes">[N, ceil(K/8)]: bit i of a code is bit i%8 of byte i/8, and is set where the hash is above zero; padding bits are
/// zero.</param>
/// <param name="Embedding">[N, D]: the vector to compare finely with.</param>
public sealed record EncodedBatch(float[] Hash, byte[] Codes, float[] Embedding);
