using System.Security.Cryptography;

namespace Tern.Training.Reports;

/// <summary>The report's pictures, each distinct one embedded once however often it is shown.</summary>
internal sealed class PictureSheet
{
    private readonly Dictionary<string, int> numbers = [];
    private readonly List<byte[]> pictures = [];

    /// <summary>Shows the picture; the description is read aloud and appears under the pointer.</summary>
    public Html Show(ReportPicture picture, string description) =>
        Html.Of($"""<svg class="picture" role="img"><title>{description}</title><use href="#p{NumberOf(picture.Png)}"/></svg>""");

    /// <summary>The pictures themselves: after everything that shows them.</summary>
    public Html Render() => Html.Of($"""
        <svg class="sheet" aria-hidden="true">{pictures.Select((png, number) => Html.Of($"""
            <symbol id="p{number}"><image width="100%" height="100%"
            href="data:image/png;base64,{new Html(Convert.ToBase64String(png))}"/></symbol>

            """))}</svg>
        """);

    private int NumberOf(byte[] png)
    {
        string content = Convert.ToHexString(SHA256.HashData(png));
        if (!numbers.TryGetValue(content, out int number))
        {
            numbers.Add(content, number = pictures.Count);
            pictures.Add(png);
        }
        return number;
    }
}
