using Tern.Training.Data;

namespace Tern.Training.Tests.Data;

public sealed class DataSourceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_format_is_seen_by_the_names_of_the_files()
    {
        Assert.Equal(DataFormat.Idx, DataSource.Detect(MadeData.Idx(folder["idx"])));
        Assert.Equal(DataFormat.Idx, DataSource.Detect(MadeData.Idx(folder["gz"], gzip: true)));
        Assert.Equal(DataFormat.Cifar10, DataSource.Detect(MadeData.Cifar(folder["cifar"])));
        Assert.Equal(DataFormat.Csv, DataSource.Detect(MadeData.Csv(folder["csv"], train: 3, test: 3)));
        Assert.Equal(DataFormat.NusWide, DataSource.Detect(MadeData.NusWide(folder["nus"])));
        Assert.Equal(DataFormat.Cub200, DataSource.Detect(MadeData.Cub(folder["cub"])));
        Assert.Equal(DataFormat.Cars196, DataSource.Detect(MadeData.Cars(folder["cars"])));
        Assert.Equal(DataFormat.Cars196, DataSource.Detect(MadeData.CarsKit(folder["kit"])));
        Assert.Equal(DataFormat.OnlineProducts, DataSource.Detect(MadeData.OnlineProducts(folder["products"])));
        Assert.Equal(DataFormat.InShop, DataSource.Detect(MadeData.InShop(folder["shop"])));
        Assert.Equal(DataFormat.Folder, DataSource.Detect(MadeData.Folder(folder["folder.csv"], train: 3, test: 3)));
    }

    [Fact]
    public void What_is_not_there_or_no_data_set_is_told_apart()
    {
        File.WriteAllText(folder["notes.txt"], "");
        Assert.Contains("notes.txt is not a data set", Assert.Throws<TernException>(() => DataSource.Open(folder["notes.txt"])).Message);
        Assert.Contains("nowhere does not exist", Assert.Throws<TernException>(() => DataSource.Open(folder["nowhere"])).Message);
        Assert.Contains("nowhere.csv cannot be read", Assert.Throws<TernException>(() => DataSource.Open(folder["nowhere.csv"])).Message);
        Assert.Contains("does not exist", Assert.Throws<TernException>(() => DataSource.Open("")).Message);
    }

    [Fact]
    public void What_a_format_cannot_do_is_told()
    {
        MadeData.Cub(folder["cub"]);
        MadeData.Folder(folder["folder"], train: 3, test: 3);
        Assert.Contains("remove data.trainClasses", Assert.Throws<TernException>(() => DataSource.Open(folder["cub"], trainClasses: 2)).Message);
        Assert.Contains("remove data.boxes", Assert.Throws<TernException>(() => DataSource.Open(folder["folder"], boxes: true)).Message);
        Assert.Equal(2, DataSource.Open(folder["folder"], trainClasses: 2).Train.Classes.Count);
    }

    [Fact]
    public void Class_names_for_a_data_set_with_names_of_its_own_are_refused()
    {
        MadeData.Folder(folder.Path, train: 3, test: 3);
        Assert.Contains("remove data.classes", Assert.Throws<TernException>(() => DataSource.Open(folder.Path, classes: ["a", "b", "c"])).Message);
    }
}
