import Testing
import TransformerDynamics

@Suite struct StackedDepthGrowthTests {
  typealias Paper = StackedDepthGrowth

  /// A step of the large model costs as much as four of the small one; 72 b T L w².
  @Test func computeIsCountedInOperations() {
    let settings = Paper.Settings()
    #expect(settings.operations(steps: 1, depth: 8) == 4 * settings.operations(steps: 1, depth: 2))
    #expect(settings.operations(steps: 3, depth: 2) == 72 * 3 * 16 * 32 * 2 * 48 * 48)
  }

  /// 800 steps of 2 blocks and 1000 of 8 are 9600 steps of one block; every plan has that many.
  @Test(arguments: [(800, 4, 1000), (200, 4, 1150), (1600, 4, 800), (800, 2, 800), (800, 8, 1100)])
  func plansHaveEqualCompute(growthTime: Int, factor: Int, steps: Int) {
    let plan = Paper.Plan(growthTime: growthTime, factor: factor)
    #expect(plan.stackSteps(Paper.Settings()) == steps)
  }
}
