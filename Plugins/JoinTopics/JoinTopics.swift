import Foundation
import PackagePlugin

/// Writes `Topics.swift` into the build folder: one import per topic folder, and the joined list of their experiments.
@main
struct JoinTopics: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let experiments = context.package.directoryURL.appending(path: "experiments").path
    let modules = target.dependencies.compactMap { dependency -> String? in
      guard case .target(let module) = dependency, module.directoryURL.path.hasPrefix(experiments) else { return nil }
      return module.name
    }
    let source = """
      import Notebook
      \(modules.map { "import \($0)" }.joined(separator: "\n"))

      /// Every experiment of every topic, in the order of the topics' folders.
      let topics: [Topic] = [\(modules.map { "\($0).topic" }.joined(separator: ", "))]

      """
    let folder = context.pluginWorkDirectoryURL
    let file = folder.appending(path: "Topics.swift")
    // Written only when it changes, so that a build with nothing to do stays one.
    if (try? String(contentsOf: file, encoding: .utf8)) != source {
      try source.write(to: file, atomically: true, encoding: .utf8)
    }
    return [
      .prebuildCommand(
        displayName: "Joining \(modules.count) topics", executable: URL(filePath: "/bin/true"), arguments: [],
        outputFilesDirectory: folder)
    ]
  }
}
