using System.Runtime.Intrinsics;

namespace Tern.Encoding.Kernels;

/// <summary>Windows as columns of a right matrix.</summary>
internal readonly unsafe struct RightPanel(float* first, int image, int line, int column, int count)
{
    /// <summary>The first column's first value.</summary>
    public float* First { get; } = first;

    /// <summary>The image of the first column, the line in it, the place on the line.</summary>
    public int Image { get; } = image;

    public int Line { get; } = line;

    public int Column { get; } = column;

    /// <summary>The columns that belong to the images; the rest of the panel is arbitrary.</summary>
    public int Count { get; } = count;
}

/// <summary>
/// The windows under the output pixels as columns of a matrix [channels * kernel, pixels]. With a stride of 1 the columns of neighbouring
/// pixels are neighbours in memory too, for every value of the window: nothing needs to be moved, only the gap between the end of one
/// line and the begin of the next is computed in vain. Where that gap is too large, and for other strides, windows are gathered (im2col).
/// </summary>
internal readonly unsafe struct WindowColumns
{
    private readonly PaddedPlanes planes;
    private readonly Window window;
    private readonly int channels;
    private readonly int groups;
    private readonly int images;
    private readonly int outputWidth;
    private readonly int outputPixels;
    private readonly int panelsPerImage;

    /// <param name="planes">The images.</param>
    /// <param name="window">The window slid over them.</param>
    /// <param name="weights">[outputs, channels of a group, height, width].</param>
    /// <param name="groups">Groups of channels.</param>
    /// <param name="result">[N, outputs, height, width].</param>
    public WindowColumns(PaddedPlanes planes, Window window, int[] weights, int groups, ReadOnlySpan<int> result)
    {
        (this.planes, this.window, this.groups) = (planes, window, groups);
        (channels, images, outputWidth, outputPixels) = (weights[1], result[0], result[3], result[2] * result[3]);
        int inPlace = Panels.Count((result[2] - 1) * planes.Width + outputWidth, Tile.Columns);
        InPlace = window.Stride == (1, 1) && outputPixels >= 0.75 * inPlace * Tile.Columns;
        panelsPerImage = InPlace ? inPlace : 0;
        PanelCount = checked(InPlace ? inPlace * images : (int)(((long)outputPixels * images + Tile.Columns - 1) / Tile.Columns));
        (Lines, LineLength, LinePitch) = InPlace ? (result[2], outputWidth, planes.Width) : (1, outputPixels, outputPixels);
    }

    /// <summary>Panels are read where they lie; otherwise they are gathered.</summary>
    public bool InPlace { get; }

    public int PanelCount { get; }

    /// <summary>Lines of columns in an image: its rows when read in place, else one.</summary>
    public int Lines { get; }

    /// <summary>Columns of a line that are output pixels.</summary>
    public int LineLength { get; }

    /// <summary>Columns from one line to the next.</summary>
    public int LinePitch { get; }

    private nint Plane => (nint)planes.Height * planes.Width;

    /// <summary>Where each row of a panel begins, from the panel's first value.</summary>
    public void FindRows(nint* rows)
    {
        for (int k = 0; k < channels * window.Kernel.Y * window.Kernel.X; k++)
        {
            (int channel, int tap) = Math.DivRem(k, window.Kernel.Y * window.Kernel.X);
            rows[k] = InPlace ? Offset(channel, tap / window.Kernel.X, tap % window.Kernel.X) : (nint)k * Tile.Columns;
        }
    }

    /// <summary>The panel of a group by its number, gathered into the memory given unless it is read in place.</summary>
    public RightPanel Panel(int group, int index, float* gathered)
    {
        if (InPlace)
        {
            (int image, int panel) = Math.DivRem(index, panelsPerImage);
            int first = panel * Tile.Columns, last = (Lines - 1) * LinePitch + LineLength;
            return new RightPanel(Source(image, group) + first,
                image, first / LinePitch, first % LinePitch, Math.Min(Tile.Columns, last - first));
        }
        long pixel = (long)index * Tile.Columns;
        int count = (int)Math.Min(Tile.Columns, (long)outputPixels * images - pixel);
        Gather(group, pixel, count, gathered);
        return new RightPanel(gathered, (int)(pixel / outputPixels), 0, (int)(pixel % outputPixels), count);
    }

    /// <summary>Output pixels of one row: where their windows begin in the first channel, and how many lie side by side.</summary>
    private struct Run
    {
        public float* Source;
        public int Length;
    }

    private float* Source(nint image, int group) => planes.First + (image * groups + group) * channels * Plane;

    private nint Offset(int channel, int y, int x) =>
        channel * Plane + (nint)y * window.Dilation.Y * planes.Width + (nint)x * window.Dilation.X;

    private void Gather(int group, long pixel, int count, float* panel)
    {
        Run* runs = stackalloc Run[Tile.MostColumns];
        int runCount = FindRuns(group, pixel, count, runs);
        int stride = window.Stride.X;
        for (int channel = 0; channel < channels; channel++)
        {
            for (int y = 0; y < window.Kernel.Y; y++)
            {
                for (int x = 0; x < window.Kernel.X; x++, panel += Tile.Columns)
                {
                    nint offset = Offset(channel, y, x);
                    float* target = panel;
                    for (int run = 0; run < runCount; run++)
                    {
                        Copy(runs[run].Source + offset, target, runs[run].Length, stride);
                        target += runs[run].Length;
                    }
                }
            }
        }
    }

    private int FindRuns(int group, long pixel, int count, Run* runs)
    {
        int found = 0;
        while (count > 0)
        {
            (long image, long inside) = Math.DivRem(pixel, outputPixels);
            (int row, int column) = Math.DivRem((int)inside, outputWidth);
            int length = Math.Min(count, outputWidth - column);
            runs[found++] = new Run
            {
                Source = Source((nint)image, group) + (nint)row * window.Stride.Y * planes.Width + (nint)column * window.Stride.X,
                Length = length,
            };
            pixel += length;
            count -= length;
        }
        return found;
    }

    private static void Copy(float* source, float* target, int count, int stride)
    {
        int i = 0;
        if (stride == 1)
        {
            for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
                Vector256.Load(source + i).Store(target + i);
        }
        for (; i < count; i++)
            target[i] = source[(nint)i * stride];
    }
}
