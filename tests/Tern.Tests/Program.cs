// Tests start this assembly again where they need a process of their own, for example one to kill.
return args switch
{
    ["crash-writer", string folder] => Tern.Tests.Index.CrashWriter.Run(folder, Console.Out),
    _ => 2,
};
