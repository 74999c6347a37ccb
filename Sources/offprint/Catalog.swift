import Notebook
import Training

/// All experiments of all topics, found by name.
enum Catalog {
  struct Entry {
    var topic: String
    var experiment: any Experiment.Type
    var paper: Paper { experiment.paper }
  }

  /// The papers.
  static let entries: [Entry] = topics.flatMap { topic in topic.experiments.map { Entry(topic: topic.name, experiment: $0) } }

  /// Experiments without a paper, whose results can be opened like any other's, but which are not listed.
  private static let tools = [Entry(topic: "tools", experiment: OptimizerRace.self)]

  /// - Throws: ``NotebookError/unknownExperiment(_:near:)`` with the names that may have been meant.
  static func entry(named slug: String) throws -> Entry {
    guard let entry = (entries + tools).first(where: { $0.paper.slug == slug }) else {
      throw NotebookError.unknownExperiment(slug, near: nearest(to: slug, among: entries.map(\.paper.slug)))
    }
    return entry
  }
}
