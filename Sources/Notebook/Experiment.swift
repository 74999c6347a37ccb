import Plotting

/// One paper: its settings, its method, and what it claims.
///
/// `figures` and `claims` see only the recorded file, so that pictures and verdicts can be made again, by anybody, without running
/// again. `run` must draw every random number from `notebook.key(...)` and put every long loop through `notebook.steps(...)`:
/// then equal inputs give equal bits and an interrupted run resumes as if nothing had happened.
public protocol Experiment: Sendable {
  /// Every knob of the experiment, each marked with ``Setting`` so that its help text stands beside its default.
  associatedtype Settings: Codable & Sendable

  static var paper: Paper { get }
  /// Whether claims rest on measured times: then the experiment wants the machine for itself. False unless said otherwise.
  static var measuresTime: Bool { get }
  static func settings(for preset: Preset) -> Settings
  /// Computes and records.
  static func run(_ settings: Settings, into notebook: Recorder) throws
  /// The paper's figures: a pure function of the results file.
  static func figures(from results: Results) throws -> [Figure]
  /// The paper's claims with their measured values: a pure function of the results file.
  static func claims(from results: Results) throws -> [Claim]
}

extension Experiment {
  /// No claim of most experiments rests on a measured time.
  public static var measuresTime: Bool { false }
}

/// A folder of experiments/: papers on one subject, compiled into one module that exports `let topic`.
public struct Topic: Sendable {
  /// The folder's name, for example "low-rank-recovery".
  public var name: String
  /// In the order in which `offprint list` shows them.
  public var experiments: [any Experiment.Type]

  /// The topic of the folder `name`.
  public init(_ name: String, _ experiments: [any Experiment.Type]) {
    self.name = name
    self.experiments = experiments
  }
}
