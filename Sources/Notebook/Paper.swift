/// The paper that an experiment reproduces, as its title page and the reader's first questions have it.
public struct Paper: Sendable {
  /// Lower-case words joined by hyphens; names the make target, the results folder and the figures folder.
  public var slug: String
  /// As on the title page.
  public var title: String
  /// First names first, in the order of the title page.
  public var authors: [String]
  /// Of the first version on arXiv.
  public var year: Int
  /// The arXiv number, for example "2001.04438".
  public var arxiv: String
  /// What the paper shows, in a few plain sentences.
  public var shows: String
  /// How close our experiment is to the paper's.
  public var fidelity: Fidelity

  /// A paper; `slug` must be unique among all experiments.
  public init(
    slug: String, title: String, authors: [String], year: Int, arxiv: String, shows: String, fidelity: Fidelity
  ) {
    self.slug = slug
    self.title = title
    self.authors = authors
    self.year = year
    self.arxiv = arxiv
    self.shows = shows
    self.fidelity = fidelity
  }

  /// "Dukhan, Ablavatski (2020), arXiv:2001.04438"
  public var citation: String { "\(authors.joined(separator: ", ")) (\(year)), arXiv:\(arxiv)" }
}

/// How close an experiment is to the paper's own. Printed wherever the result appears.
public enum Fidelity: String, Sendable, Codable, CaseIterable {
  /// The paper's algorithm, problem and sizes.
  case exact
  /// The paper's algorithm on a smaller problem of the same kind.
  case scaled
  /// The effect the paper describes, shown on a problem built for it.
  case mechanism
}

/// How large a run is.
public enum Preset: String, Sendable, Codable, CaseIterable {
  /// Seconds; proves that it runs. Its claims are shown but do not count.
  case smoke
  /// The default: the claims hold, at most about a minute on two cores.
  case quick
  /// The paper's scale, as far as a CPU goes.
  case full
}
