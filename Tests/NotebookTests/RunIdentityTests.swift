import Foundation
import Notebook
import Testing

@Suite struct RunIdentityTests {
  private func identity(_ assignments: String..., preset: Preset = .quick, seed: UInt64 = 0) throws -> RunIdentity {
    try Runner.identity(of: Toy.self, preset: preset, seed: seed, assignments: assignments)
  }

  @Test func namesFollowFromTheInputs() throws {
    #expect(try identity().stem == "quick-seed0")
    #expect(try identity(preset: .smoke, seed: .max).stem == "smoke-seed18446744073709551615")
    // printf '{"rate":0.25}' | sha256sum
    #expect(try identity("rate=0.25").stem == "quick-seed0-1477ff5e")
    // printf '{"grid.sizes":[1,2],"rate":0.25}' | sha256sum
    #expect(try identity("rate=0.25", "grid.sizes=1,2").stem == "quick-seed0-f30e241c")
  }

  @Test func theOrderOfAssignmentsDoesNotMatter() throws {
    #expect(try identity("grid.sizes=1,2", "rate=0.25").stem == identity("rate=0.25", "grid.sizes=1,2").stem)
    #expect(try identity("rate=0.250").stem == identity("rate=25e-2").stem)
  }

  @Test func aValueEqualToTheDefaultChangesNothing() throws {
    #expect(try identity("rate=0.5", "grid.sizes=[2,3]", "label=plain").stem == "quick-seed0")
    #expect(try identity("rate=0.25", "rate=0.5").stem == "quick-seed0")
    // Smoke has its own default.
    #expect(try identity("steps=\(Toy.settings(for: .quick).steps)", preset: .smoke).stem != "smoke-seed0")
  }

  @Test func filesLieWhereTheyBelong() throws {
    let folders = Folders(results: "r", figures: "f")
    let run = try identity(seed: 3)
    #expect(folders.resultsFile(run) == "r/toy/quick-seed3.h5")
    #expect(folders.checkpoint(run) == "r/toy/quick-seed3.checkpoint")
    #expect(folders.lock(run) == "r/toy/.quick-seed3.lock")
  }

  /// The command in the file, given to a shell, makes the same run.
  @Test(arguments: [
    [], ["rate=0.25"], ["label=it's two words; $HOME `id` \"quoted\""], ["grid.sizes=1,2", "label=*"], ["grid.names=a b,c"],
  ])
  func theCommandMakesTheSameRun(assignments: [String]) throws {
    let run = try Runner.identity(of: Toy.self, preset: .smoke, seed: 7, assignments: assignments)
    let shell = Process()
    shell.executableURL = URL(filePath: "/bin/sh")
    let pipe = Pipe()
    shell.standardOutput = pipe
    shell.arguments = ["-c", "offprint() { printf '%s\\n' \"$@\"; }; \(run.command)"]
    try shell.run()
    let words = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).split(separator: "\n").map(
      String.init)
    shell.waitUntilExit()
    #expect(words.prefix(6) == ["run", "toy", "--preset", "smoke", "--seed", "7"])
    let again = words.indices.filter { words[$0] == "--set" }.map { words[$0 + 1] }
    #expect(try Runner.identity(of: Toy.self, preset: .smoke, seed: 7, assignments: again).stem == run.stem)
  }
}
