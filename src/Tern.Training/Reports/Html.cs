using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Tern.Training.Reports;

/// <summary>Finished markup. Text becomes markup through <see cref="Of"/>, which escapes every hole: none is forgotten.</summary>
internal readonly record struct Html(string Markup)
{
    /// <summary>Literals as they are, holes escaped, markup in holes as it is, numbers in the invariant culture.</summary>
    public static Html Of(HtmlBuilder markup) => new(markup.ToString());

    public override string ToString() => Markup ?? "";
}

/// <summary>Takes the pieces of an interpolated string for <see cref="Html.Of"/>.</summary>
[InterpolatedStringHandler]
internal readonly struct HtmlBuilder(int literalLength, int holes)
{
    private readonly StringBuilder text = new(literalLength + 16 * holes);

    public void AppendLiteral(string markup) => text.Append(markup);

    public void AppendFormatted(Html markup) => text.Append(markup.Markup);

    public void AppendFormatted(IEnumerable<Html> parts)
    {
        foreach (Html part in parts) text.Append(part.Markup);
    }

    public void AppendFormatted(long number, string? format = null) => text.Append(number.ToString(format, CultureInfo.InvariantCulture));

    public void AppendFormatted(double number, string? format = null) => text.Append(number.ToString(format, CultureInfo.InvariantCulture));

    public void AppendFormatted(string? value) => text.Append(WebUtility.HtmlEncode(Printable(value)));

    public override string ToString() => text.ToString();

    // A page that parses as XML may not hold control characters, not even escaped.
    private static string? Printable(string? value) => value is null || !value.Any(IsForbidden)
        ? value
        : string.Concat(value.Select(character => IsForbidden(character) ? '\uFFFD' : character));

    private static bool IsForbidden(char character) => character is (< ' ' and not '\t' and not '\n' and not '\r') or '\uFFFE' or '\uFFFF';
}
