import CXNNPACK
import Foundation
import Tensors

// The softmax of one long vector: ours against XNNPACK's, one thread each, and against the memory streams it cannot do without.
//
//     swift run -c release compare [repeats] [lengths...]      (JSON=1: one JSON object a line)
//
// All contestants take turns within one loop, so that a busy machine slows them alike; medians are compared. Pages are touched and
// results are checked before anything is timed.

struct Contestant {
  let name: String
  let run: () -> Void
  var seconds: [Double] = []

  var median: Double { seconds.sorted()[seconds.count / 2] }

  mutating func time(batch: Int) {
    let elapsed = ContinuousClock().measure { for _ in 0..<batch { run() } }
    seconds.append(elapsed / .seconds(1) / Double(batch))
  }
}

/// XNNPACK's public operator for one row of `count` channels, without a thread pool.
func makeXNNPACK(_ x: UnsafePointer<Float>, _ count: Int, _ y: UnsafeMutablePointer<Float>) -> xnn_operator_t? {
  var operation: xnn_operator_t?
  guard xnn_create_softmax_nc_f32(count, count, count, 0, &operation) == xnn_status_success,
    xnn_setup_softmax_nc_f32(operation, 1, x, y, nil) == xnn_status_success
  else { return nil }
  return operation
}

func compare(count: Int, repeats: Int, json: Bool) {
  Threads.count = 1
  let input = Tensor<Float>.uniform([count], in: -20..<20, key: Key(seed: 1))
  var ours = Tensor<Float>.zeros(count)
  var theirs = Tensor<Float>.zeros(count)
  input.withUnsafeBufferPointer { input in
    ours.withUnsafeMutableBufferPointer { ours in
      theirs.withUnsafeMutableBufferPointer { theirs in
        let (x, y, z) = (input.baseAddress!, ours.baseAddress!, theirs.baseAddress!)
        guard let operation = makeXNNPACK(x, count, z) else { fatalError("XNNPACK: no softmax of \(count) floats") }
        defer { xnn_delete_operator(operation) }
        var sink: Float = 0
        let lanes = Processor.floatLanes
        var contestants = [
          Contestant(name: "two-pass") { TwoPassSoftmax.run(x, count, into: y, lanes) },
          Contestant(name: "xnnpack") { _ = xnn_run_operator(operation, nil) },
          Contestant(name: "recompute") { ThreePassRecompute.run(x, count, into: y, lanes) },
          Contestant(name: "reload") { ThreePassReload.run(x, count, into: y, lanes) },
          Contestant(name: "two-pass-avx2") { TwoPassSoftmax.run(x, count, into: y, SIMD8<Float>.self) },
          Contestant(name: "pass-1") { sink += TwoPassSoftmax.sum(x, count, lanes).mantissa },
          Contestant(name: "read") { sink += MemoryStreams.read(x, count, lanes) },
          Contestant(name: "copy") { MemoryStreams.copy(x, count, into: y, lanes) },
        ]
        contestants[0].run()
        contestants[1].run()
        let difference = (0..<count).reduce(Float(0)) { max($0, abs(y[$1] - z[$1]) / max(y[$1], 1e-30)) }
        // Both add in Float: 1e-3 is its error for the longest vectors.
        guard difference < 5e-3 else { fatalError("ours and XNNPACK's differ by \(difference) at length \(count)") }

        let batch = max(1, (1 << 22) / count)
        for _ in 0..<repeats {
          for i in contestants.indices { contestants[i].time(batch: batch) }
        }
        if sink.isNaN { print("") }  // The sums are used.
        report(contestants, count, json: json)
      }
    }
  }
}

func report(_ contestants: [Contestant], _ count: Int, json: Bool) {
  let median = Dictionary(uniqueKeysWithValues: contestants.map { ($0.name, $0.median) })
  if json {
    for contestant in contestants {
      print(#"{"workload": "softmax-\#(count)-\#(contestant.name)", "seconds": \#(contestant.median)}"#)
    }
    return
  }
  func ratio(_ a: Double, _ b: Double) -> String { String(format: "%.2f", a / b) }
  print("\nsoftmax of \(count) floats (2^\(Int(log2(Double(count))))), one thread, ns per element")
  for contestant in contestants {
    let name = contestant.name.padding(toLength: 16, withPad: " ", startingAt: 0)
    print("  \(name)\(String(format: "%8.3f", contestant.median / Double(count) * 1e9))")
  }
  print("  XNNPACK / two-pass             \(ratio(median["xnnpack"]!, median["two-pass"]!))   (goal: at least 1.3 out of cache)")
  let streams = median["read"]! + median["copy"]!
  print("  two-pass / (read + copy)       \(ratio(median["two-pass"]!, streams))   (goal: at most 1.6 out of cache)")
  print(
    "  two-pass / recompute, / reload \(ratio(median["two-pass"]!, median["recompute"]!)), \(ratio(median["two-pass"]!, median["reload"]!))"
  )
}

@main
struct Main {
  static func main() {
    guard xnn_initialize(nil) == xnn_status_success else { fatalError("XNNPACK does not support this processor") }
    let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
    let repeats = arguments.first ?? 15
    let lengths = arguments.count > 1 ? Array(arguments.dropFirst()) : [12, 16, 20, 24, 25].map { 1 << $0 }
    for count in lengths { compare(count: count, repeats: repeats, json: ProcessInfo.processInfo.environment["JSON"] == "1") }
  }
}
