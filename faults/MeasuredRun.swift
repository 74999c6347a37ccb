import Foundation
import TestSupport

/// One run of the program, with what it took: for a thousand runs a minute without Foundation's `Process`, which tells no peak of memory.
struct MeasuredRun {
  /// Nil when it was killed for taking too long.
  private(set) var status: Int32?
  private(set) var signal: Int32 = 0
  /// Of the program and all its children, the largest resident set, in bytes.
  private(set) var peak = 0
  private(set) var seconds = 0.0
  private(set) var output = Data()
  private(set) var errors = ""

  /// - Parameter limit: seconds after which it is killed.
  init(_ arguments: [String], in folder: String, limit: Double = 60) throws {
    let streams = ["\(folder)/.output", "\(folder)/.errors"]
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for (number, path) in streams.enumerated() {
      posix_spawn_file_actions_addopen(&actions, Int32(number + 1), path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    }
    // env changes the folder, and becomes the program.
    var words: [UnsafeMutablePointer<CChar>?] = (["env", "-C", folder, Program.path] + arguments).map { strdup($0) }
    defer { for word in words { free(word) } }
    words.append(nil)
    var pid = pid_t()
    let began = ContinuousClock.now
    guard posix_spawnp(&pid, "env", &actions, nil, words, environ) == 0 else { throw POSIXError(.EAGAIN) }
    var (code, usage, isLate) = (Int32(0), rusage(), false)
    while wait4(pid, &code, isLate ? 0 : WNOHANG, &usage) == 0 {
      isLate = (.now - began) / .seconds(1) > limit
      if isLate { kill(pid, SIGKILL) } else { usleep(500) }
    }
    seconds = (.now - began) / .seconds(1)
    // WTERMSIG and WEXITSTATUS, which are macros.
    signal = code & 0x7F
    status = isLate ? nil : signal == 0 ? (code >> 8) & 0xFF : -signal
    peak = usage.ru_maxrss << 10
    output = FileManager.default.contents(atPath: streams[0]) ?? Data()
    errors = String(decoding: FileManager.default.contents(atPath: streams[1]) ?? Data(), as: UTF8.self)
    for path in streams { try? FileManager.default.removeItem(atPath: path) }
  }

  /// What no file may bring about, whatever is in it; nil when all is well.
  var broken: String? {
    guard let status else { return "it did not end" }
    if signal != 0 { return "it died of signal \(signal)" }
    if ![0, 1, 2, 3].contains(status) { return "it ended with \(status): \(errors)" }
    if peak > 1 << 30 { return "it took \(peak >> 20) MiB" }
    if errors.split(separator: "\n").count > 1 { return "it said more than a line: \(errors)" }
    if status == 1, errors.isEmpty { return "it failed without a word" }
    let shown = output + Data(errors.utf8)
    if let byte = shown.first(where: { $0 < 0x20 && $0 != 0x0A || $0 == 0x7F }) { return "it printed the byte \(byte)" }
    return nil
  }

  /// For the table.
  var outcome: String {
    switch status {
    case 0, 2: "read"
    case 3: "found different"
    default: "refused in one line"
    }
  }
}
