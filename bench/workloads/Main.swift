import Foundation
import Tensors

/// Times the workloads: all, or those named by the arguments or whose names contain one. JSON=1 prints one JSON object a line and nothing else.
@main
enum Main {
  static func main() throws {
    let wanted = CommandLine.arguments.dropFirst()
    let isJSON = ProcessInfo.processInfo.environment["JSON"] == "1"
    if !isJSON { print("\(Threads.count) threads, BLAS core \(BLAS.core)") }
    let workloads = [
      networkWorkloads, optimizerWorkloads, convolutionWorkloads, transformerWorkloads, attentionWorkloads, kernelWorkloads,
    ].flatMap(\.self)
    let names = Set(workloads.map(\.name))
    for workload in workloads
    where wanted.isEmpty || wanted.contains(where: { names.contains($0) ? workload.name == $0 : workload.name.contains($0) }) {
      let seconds = try workload.seconds()
      if isJSON {
        print(#"{"workload": "\#(workload.name)", "seconds": \#(seconds.median)}"#)
      } else {
        let name = workload.name.padding(toLength: 26, withPad: " ", startingAt: 0)
        print("\(name) \(duration(seconds.median))   (least \(duration(seconds.least)))")
      }
    }
  }

  private static func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<1e-3: String(format: "%9.2f us", seconds * 1e6)
    case ..<1: String(format: "%9.3f ms", seconds * 1e3)
    default: String(format: "%9.3f s", seconds)
    }
  }
}
