import ArgumentParser
import Foundation
import Notebook
import Plotting
import Tensors

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check this machine: compiler, libraries, gnuplot, processor, disk. Exit code 1 when something is missing.")

  @OptionGroup var folders: FolderOptions

  func run() throws {
    var rows: [[String]] = []
    var problems: [String] = []

    let swift = Provenance.output(of: ["swift", "--version"])?.split(separator: "\n").first.map(String.init)
    rows.append(["Swift", swift ?? "not on the PATH"])
    for library in Provenance.libraryVersions { rows.append([library.name, library.version]) }

    let renderer = Renderer()
    if let version = try? renderer.version(), let terminals = try? renderer.availableTerminals() {
      let missing = Terminal.allCases.filter { !terminals.contains($0.driver) }
      rows.append(["gnuplot", version])
      rows.append([
        "gnuplot terminals", Terminal.allCases.filter { !missing.contains($0) }.map(\.rawValue).joined(separator: ", "),
      ])
      if !missing.isEmpty {
        problems.append("gnuplot lacks \(missing.map(\.rawValue).joined(separator: ", ")): apt-get install gnuplot-nox")
      }
    } else {
      rows.append(["gnuplot", "not found"])
      problems.append("no gnuplot, so no pictures: apt-get install gnuplot-nox")
    }

    rows.append([
      "processor",
      "\(Processor.model), \(ProcessInfo.processInfo.activeProcessorCount) cores, \(Processor.vectorExtension.rawValue)",
    ])
    rows.append(["threads used", "\(Threads.count) (--threads or OFFPRINT_THREADS changes it)"])
    let pinned = ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"]
    rows.append(["BLAS core", BLAS.core + (pinned.map { ", pinned by OPENBLAS_CORETYPE=\($0)" } ?? "")])
    if let free = freeBytes() {
      rows.append(["disk", String(format: "%.1f GB free", Double(free) / 1e9)])
      if free < 1 << 30 { problems.append("less than 1 GB of disk is free") }
    }
    let folder = FileManager.default.fileExists(atPath: folders.results) ? folders.results : "."
    if access(folder, W_OK) != 0 { problems.append("the folder \(folder) is not writable: choose another with --results") }

    Console.print(TextTable(header: ["what", "found"], rows: rows).text(width: Console.width) + "\n")
    if pinned != nil {
      Console.print(
        """
        note: OPENBLAS_CORETYPE pins the BLAS kernels, so that sums run alike on other machines, often at half the speed.
              For full speed: env -u OPENBLAS_CORETYPE offprint run ...

        """)
    }
    Console.print(problems.isEmpty ? "nothing is missing" : problems.map { "problem: \($0)" }.joined(separator: "\n"))
    if !problems.isEmpty { throw ExitCode(ExitStatus.failed) }
  }

  private func freeBytes() -> Int? {
    (try? FileManager.default.attributesOfFileSystem(forPath: ".")[.systemFreeSize] as? NSNumber)?.intValue
  }
}
