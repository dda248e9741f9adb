using System.Collections;
using Tern.Codes;

namespace Tern.Postgres;

/// <summary>Codes as PostgreSQL's bit strings: bit i of a code is the i-th of the string, from the left and from 0.</summary>
internal static class BitStrings
{
    public static BitArray Of(BinaryCode code) => new(code.ToBytes()) { Length = code.Bits };

    public static BinaryCode ToCode(BitArray bits)
    {
        byte[] bytes = new byte[(bits.Length + 7) / 8];
        bits.CopyTo(bytes, 0);
        return BinaryCode.FromBytes(bytes, bits.Length);
    }
}
