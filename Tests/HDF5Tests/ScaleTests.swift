import HDF5
import Testing

extension HDF5Tests {
  @Suite struct Scales {
    @Test func scalesNameAxesAndComeBack() throws {
      try withRoundTrip { root in
        let step = try root.write([0, 10, 20] as [Int64], shape: [3], to: "traces/step", layout: .oneChunk([3]))
        let method = try root.write(["adam", "sgd"], shape: [2], to: "traces/method", layout: .oneChunk([2]))
        let time = try root.write([0.0, 1, 2], shape: [3], to: "traces/time", layout: .oneChunk([3]))
        let loss = try root.write([1.0, 2, 3, 4, 5, 6], shape: [2, 3], to: "traces/loss", layout: .oneChunk([2, 3]))
        for scale in [step, method, time] { try scale.makeScale(scale.name) }
        try loss.attach(scale: method, axis: 0)
        try loss.attach(scale: step, axis: 1)
        try loss.attach(scale: time, axis: 1)
        try loss.attach(scale: step, axis: 1)
        try loss.setLabel("méthode", axis: 0)
        #expect(message { try loss.attach(scale: step, axis: 2) }.hasSuffix("there is no axis 2 in shape [2, 3]"))
        #expect(
          message { try step.attach(scale: time, axis: 0) }.hasSuffix("it is a dimension scale itself, which can have none"))
        #expect(
          message { try loss.attach(scale: step, axis: 0) }.hasSuffix(
            "/traces/step has shape [3], axis 0 needs a scale of shape [2]"))
        let plain = try root.write([0.0, 1], shape: [2], to: "traces/plain", layout: .oneChunk([2]))
        #expect(message { try loss.attach(scale: plain, axis: 0) }.contains("/traces/plain has not been made a scale"))
        #expect(throws: HDF5Error.self) { try loss.makeScale("loss") }
      } read: { root in
        let loss = try root.dataset("traces/loss")
        #expect(try root.dataset("traces/step").isScale)
        #expect(!loss.isScale)
        #expect(try loss.scales(axis: 0).map(\.path) == ["/traces/method"])
        #expect(try loss.scales(axis: 1).map(\.path) == ["/traces/step", "/traces/time"])
        #expect(try loss.scales(axis: 0)[0].read() == ["adam", "sgd"])
        #expect(try loss.label(axis: 0) == "méthode")
        #expect(try loss.label(axis: 1) == "")
        #expect(try root.dataset("traces/step").attributes.get("NAME") == "step")
        #expect(message { _ = try loss.scales(axis: -1) }.contains("no axis -1"))
      }
    }
  }
}
