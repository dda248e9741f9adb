#:project ../src/Tern/Tern.csproj
// Search by picture inside an application; no libtorch anywhere.
// dotnet run samples/search.cs -- demo/index demo/query.png
using Tern.Imaging;
using Tern.Index;

using ImageIndex index = ImageIndex.Open(args[0]);
foreach (SearchResult found in index.Search(ImageDecoder.Open(args[1])))
    Console.WriteLine($"{found.Distance,3}  {found.Label}  {found.Key}");
