#include "CNetworkSimplex.h"

// Templates alone: nothing to link.
#define LEMON_ONLY_TEMPLATES
#include <lemon/config.h>
#include <lemon/network_simplex.h>
#include <lemon/static_graph.h>

#include <cstdio>
#include <exception>
#include <utility>
#include <vector>

extern "C" int offprint_transport(
  size_t rows, size_t columns, const int64_t *supplies, const int64_t *demands, const int64_t *costs, int64_t *flows,
  int64_t *row_duals, int64_t *column_duals, char *message, size_t capacity) {
  try {
    // Nodes: the rows, then the columns. Arcs in row-major order, so that an arc's number is its place in the matrix.
    std::vector<std::pair<int, int>> ends;
    ends.reserve(rows * columns);
    for (size_t i = 0; i < rows; i++)
      for (size_t j = 0; j < columns; j++) ends.emplace_back(int(i), int(rows + j));
    lemon::StaticDigraph graph;
    graph.build(int(rows + columns), ends.begin(), ends.end());

    lemon::StaticDigraph::ArcMap<int64_t> cost(graph);
    for (size_t k = 0; k < ends.size(); k++) cost[graph.arc(int(k))] = costs[k];
    lemon::StaticDigraph::NodeMap<int64_t> supply(graph);
    for (size_t i = 0; i < rows; i++) supply[graph.node(int(i))] = supplies[i];
    for (size_t j = 0; j < columns; j++) supply[graph.node(int(rows + j))] = -demands[j];

    typedef lemon::NetworkSimplex<lemon::StaticDigraph, int64_t, int64_t> Simplex;
    Simplex simplex(graph);
    const Simplex::ProblemType outcome = simplex.costMap(cost).supplyMap(supply).run();
    if (outcome != Simplex::OPTIMAL) {
      std::snprintf(message, capacity, "%s", outcome == Simplex::INFEASIBLE ? "sums of supplies and demands differ" : "unbounded");
      return -1;
    }
    for (size_t k = 0; k < ends.size(); k++) flows[k] = simplex.flow(graph.arc(int(k)));
    // LEMON's reduced cost is cost + potential(source) - potential(target).
    for (size_t i = 0; i < rows; i++) row_duals[i] = -simplex.potential(graph.node(int(i)));
    for (size_t j = 0; j < columns; j++) column_duals[j] = simplex.potential(graph.node(int(rows + j)));
    return 0;
  } catch (const std::exception &error) {
    std::snprintf(message, capacity, "%s", error.what());
  } catch (...) {
    std::snprintf(message, capacity, "unknown C++ exception");
  }
  return -1;
}

extern "C" const char *offprint_lemon_version(void) { return LEMON_VERSION; }
