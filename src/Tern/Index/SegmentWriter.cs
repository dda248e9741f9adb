using Tern.Codes;
using Tern.Durability;

namespace Tern.Index;

/// <summary>
/// Writes the live items of segments, one after the other, as one segment: column by column, so that a merge holds nothing of what it copies in memory. What it makes anew it does hold: the table of the
/// keys, 8 bytes an item, and the different labels.
/// </summary>
internal sealed class SegmentWriter
{
    private readonly IndexShape shape;
    private readonly List<(Segment Data, int Start, int End)> runs; // of live items
    private readonly TextBuffer labels = new();
    private readonly Dictionary<string, int> numberOfLabel = [];
    private readonly int count;

    private SegmentWriter(IndexShape shape, IReadOnlyList<LoadedSegment> sources)
    {
        this.shape = shape;
        runs = [.. sources.SelectMany(source => source.LiveRuns().Select(run => (source.Data, run.Start, run.End)))];
        count = checked((int)sources.Sum(source => (long)source.Live));
    }

    /// <summary>Writes a segment durably.</summary>
    /// <param name="folder">The index.</param>
    /// <param name="file">Its name.</param>
    /// <param name="shape">What the items have in common.</param>
    /// <param name="sources">Segments in the order of their ids, with at least one live item.</param>
    /// <param name="cancellation">Stops it; some of the file may be there.</param>
    public static FileEntry Write(IndexFolder folder, string file, IndexShape shape, IReadOnlyList<LoadedSegment> sources, CancellationToken cancellation)
    {
        SegmentWriter writer = new(shape, sources);
        (Segment last, _, int end) = writer.runs[^1];
        byte[] header = SegmentFile.Header(shape, writer.count, writer.runs[0].Data.Ids[writer.runs[0].Start], last.Ids[end - 1]);
        return ColumnWriter.Write(folder.Files, folder.PathOf(file), SegmentFile.Kind, writer.count, header, writer.WriteColumns, cancellation);
    }

    private void WriteColumns(ColumnWriter file)
    {
        int words = shape.Words, bytes = shape.DescriptorBytes;
        file.Column(() => ForEachRun((data, start, end) => file.Values(data.Codes.Column, (long)start * words, (long)(end - start) * words)));
        file.Column(() => ForEachRun((data, start, end) => file.Values(data.Ids, start, end - start)));
        file.Column(() => WriteLabelNumbers(file));
        TextColumn names = labels.View();
        file.Column(() => file.Values(names.Offsets, 0, names.Offsets.Length));
        file.Column(() => file.Bytes(names.Utf8Of(0, names.Count)));
        WriteTexts(file, data => data.Keys);
        file.Column(() => WriteKeySlots(file));
        if (runs.Exists(run => run.Data.Attributes.Count > 0 && !run.Data.Attributes.Utf8Of(run.Start, run.End).IsEmpty))
            WriteTexts(file, data => data.Attributes);
        else
        {
            file.Column(() => { });
            file.Column(() => { });
        }
        file.Column(() => ForEachRun((data, start, end) => file.Values(data.DescriptorBytes, (long)start * bytes, (long)(end - start) * bytes)));
    }

    private void ForEachRun(Action<Segment, int, int> write)
    {
        foreach ((Segment data, int start, int end) in runs)
            write(data, start, end);
    }

    // Labels are numbered as they come, so that those no item has any more are gone.
    private void WriteLabelNumbers(ColumnWriter file)
    {
        Dictionary<Segment, int[]> numbers = [];
        foreach ((Segment data, int start, int end) in runs)
        {
            if (!numbers.TryGetValue(data, out int[]? known))
                numbers[data] = known = [.. Enumerable.Repeat(-1, data.LabelNames.Count)];
            foreach (int label in data.LabelNumbers.Slice(start, end - start))
            {
                if (label >= 0 && known[label] < 0)
                    known[label] = NumberOf(data.LabelNames[label]);
                file.Value(label < 0 ? -1 : known[label]);
            }
        }
    }

    private int NumberOf(string label)
    {
        if (!numberOfLabel.TryGetValue(label, out int number))
        {
            numberOfLabel[label] = number = labels.Count;
            labels.Add(TextColumn.Utf8.GetBytes(label));
        }
        return number;
    }

    private void WriteTexts(ColumnWriter file, Func<Segment, TextColumn> textsOf)
    {
        file.Column(() =>
        {
            uint end = 0;
            file.Value(end);
            foreach ((Segment data, int start, int stop) in runs)
            {
                TextColumn texts = textsOf(data);
                for (int item = start; item < stop; item++)
                    file.Value(end += texts.Count == 0 ? 0 : texts.Offsets[item + 1] - texts.Offsets[item]);
            }
        });
        file.Column(() => ForEachRun((data, start, end) =>
        {
            if (textsOf(data) is { Count: > 0 } texts)
                file.Bytes(texts.Utf8Of(start, end));
        }));
    }

    private void WriteKeySlots(ColumnWriter file)
    {
        uint[] slots = new uint[KeyTable.SlotsFor(count)];
        int row = 0;
        foreach ((Segment data, int start, int end) in runs)
        {
            TextColumn keys = data.Keys;
            for (int item = start; item < end; item++)
                KeyTable.Put(slots, KeyTable.Hash(keys.Utf8Of(item)), row++);
        }
        file.Values<uint>(slots, 0, slots.Length);
    }
}
