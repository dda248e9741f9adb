using System.Text.RegularExpressions;
using System.Xml.Linq;
using Tern.Training.Reports;

namespace Tern.Training.Tests.Reports;

/// <summary>A rendered report as XML elements; parsing fails on any tag or quote out of place.</summary>
internal sealed class Page(ReportData data)
{
    private readonly string text = HtmlReport.Render(data);

    public string Text => text;

    /// <summary>Without the pictures' base64, in which any short word may occur.</summary>
    public string TextWithoutPictures => Regex.Replace(text, "base64,[^\"]*", "base64,");

    public XElement Html => XDocument.Parse(text).Root!;

    public string Headline => Words(Html.Descendants("h1").Single().Value);

    public XElement Section(string id) => Html.Descendants("section").Single(section => (string?)section.Attribute("id") == id);

    public IEnumerable<XElement> OfClass(string name) =>
        Html.Descendants().Where(element => ((string?)element.Attribute("class"))?.Split(' ').Contains(name) == true);

    /// <summary>The texts of a row's cells, in order.</summary>
    public static string[] Cells(XElement row) => [.. row.Elements().Select(cell => Words(cell.Value))];

    /// <summary>With every run of white space as one space.</summary>
    public static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
