import Foundation
import Tensors

/// Times the workloads, all or those whose names contain an argument. JSON=1 prints one JSON object a line and nothing else.
@main
enum Main {
  static func main() throws {
    let wanted = CommandLine.arguments.dropFirst()
    let isJSON = ProcessInfo.processInfo.environment["JSON"] == "1"
    if !isJSON { print("\(Threads.count) threads, BLAS core \(BLAS.core)") }
    for workload in networkWorkloads + transformerWorkloads + kernelWorkloads
    where wanted.isEmpty || wanted.contains(where: { workload.name.contains($0) }) {
      let seconds = try workload.seconds()
      if isJSON {
        print(#"{"workload": "\#(workload.name)", "seconds": \#(seconds)}"#)
      } else {
        print("\(workload.name.padding(toLength: 26, withPad: " ", startingAt: 0)) \(duration(seconds))")
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
