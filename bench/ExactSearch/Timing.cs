using System.Diagnostics;
using System.Text.Json;
using Tern.Codes;

/// <summary>Times searches. No query is measured that was asked before: the codes around it would lie in the processor's caches.</summary>
internal sealed class Timing(PackedCodes queries)
{
    /// <summary>The first queries, which are only asked to warm up.</summary>
    public const int WarmUp = 100;

    private int next = WarmUp;

    /// <summary>
    /// Prints median, 95th percentile and largest of the milliseconds of a query, over so many calls after half a second of others. A call is given the positions of
    /// the queries it asks, <paramref name="queriesPerCall"/> of them. Returns the positions that were measured.
    /// </summary>
    public Range Measure(string what, int calls, Action<int> call, Func<double, Range, object>? also = null, int queriesPerCall = 1)
    {
        int first = next;
        next += calls * queriesPerCall;
        if (next > queries.Count)
            throw new InvalidOperationException($"{what} needs queries {first}..{next - 1}, and there are {queries.Count}; give more.");

        long warm = Stopwatch.GetTimestamp();
        for (int i = 0; i == 0 || Stopwatch.GetElapsedTime(warm).TotalSeconds < 0.5; i++)
            call(i * queriesPerCall % WarmUp);
        double[] times = new double[calls];
        for (int i = 0; i < calls; i++)
        {
            long before = Stopwatch.GetTimestamp();
            call(first + i * queriesPerCall);
            times[i] = Stopwatch.GetElapsedTime(before).TotalMilliseconds / queriesPerCall;
        }
        Array.Sort(times);
        Dictionary<string, object> row = new() { ["what"] = what, ["milliseconds"] = times[calls / 2], ["p95"] = times[calls * 95 / 100], ["worst"] = times[^1], ["calls"] = calls };
        if (also is not null)
            foreach (JsonProperty property in JsonSerializer.SerializeToElement(also(times[calls / 2], first..next)).EnumerateObject())
                row[property.Name] = property.Value;
        Print(row);
        return first..next;
    }

    /// <summary>Prints a JSON object on a line of its own.</summary>
    public static void Print(object row) => Console.WriteLine(JsonSerializer.Serialize(row));
}
