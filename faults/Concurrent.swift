import Foundation
import Synchronization

/// What `body` makes of each element, in their order, `limit` of them at the same time: for work that is done in processes of its own.
/// - Throws: the first error of any of them, when all have ended.
func concurrently<Element: Sendable, Result: Sendable>(
  _ elements: [Element], atOnce limit: Int = 2, _ body: @escaping @Sendable (Element) throws -> Result
) throws -> [Result] {
  let queue = OperationQueue()
  queue.maxConcurrentOperationCount = limit
  let results = Mutex<[Int: Swift.Result<Result, any Error>]>([:])
  for (place, element) in elements.enumerated() {
    queue.addOperation {
      let result = Swift.Result { try body(element) }
      results.withLock { $0[place] = result }
    }
  }
  queue.waitUntilAllOperationsAreFinished()
  let all = results.withLock { $0 }
  return try elements.indices.compactMap { try all[$0]?.get() }
}
