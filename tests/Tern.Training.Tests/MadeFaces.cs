namespace Tern.Training.Tests;

/// <summary>Small sets of faces laid out as LFW: a person is an angle of stripes, a picture of one is <c>Person_A/Person_A_0001.png</c>.</summary>
internal static class MadeFaces
{
    /// <summary>Two folds of two same and two different pairs: A, B and C in the first, D and E in the second.</summary>
    public static readonly string[] TwoFolds =
    [
        "2\t2",
        "Person_A\t1\t2", "Person_B\t1\t3", "Person_A\t1\tPerson_B\t1", "Person_C\t2\tPerson_A\t3",
        "Person_D\t1\t2", "Person_D\t3\t4", "Person_D\t1\tPerson_E\t1", "Person_E\t2\tPerson_D\t3",
    ];

    /// <summary>Person_A, Person_B, ...</summary>
    public static string Name(int person) => $"Person_{(char)('A' + person)}";

    /// <summary>Where a picture lies; its number starts at 1.</summary>
    public static string Picture(string folder, int person, int number) => Path.Combine(folder, Name(person), $"{Name(person)}_{number:D4}.png");

    /// <summary>So many pictures of each person, in folders of their own. Returns <paramref name="folder"/>.</summary>
    public static string Tree(string folder, int people = 8, int pictures = 4, int side = 16, int channels = 1)
    {
        for (int person = 0; person < people; person++)
            for (int number = 1; number <= pictures; number++) MadeData.Png(Picture(folder, person, number), MadeData.Picture(person, number, people, side, channels));
        return folder;
    }

    /// <summary>The people in a folder <c>faces</c>, and <see cref="TwoFolds"/> beside it as <c>pairs.txt</c>. Returns <paramref name="folder"/>.</summary>
    public static string Set(string folder, int people = 8, int pictures = 4, int side = 16, int channels = 1)
    {
        Tree(Path.Combine(folder, "faces"), people, pictures, side, channels);
        File.WriteAllLines(Path.Combine(folder, "pairs.txt"), TwoFolds);
        return folder;
    }
}
