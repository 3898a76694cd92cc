// Streams: hands rows to a collect in the order of its views, whatever order they arrive in.
//
// Invariants: within a port, add() sees chunk n only after chunk n-1; one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "pass_state.h"

namespace earshot::run {

class Streams {
 public:
  Streams(PassState& pass, const NodePlan& node);

  // The chunk of rows with order number `order` (an item's sequence or a batch's order) at input `port`; empty for a
  // tombstone. Numbers start at `first` of the request and have no gaps.
  void deliver(int port, std::int64_t order, std::vector<Row> rows);
  // At the end of the pass.
  void finish();

 private:
  struct Port {
    std::int64_t next = 0;
    std::map<std::int64_t, std::vector<Row>> waiting;
  };
  void add_in_order(int port);

  PassState& pass_;
  const NodePlan& node_;
  std::mutex mutex_;
  std::map<int, Port> ports_;
};

}  // namespace earshot::run
