// Admission: the one thread that opens records, expands them, takes tokens in order, forms batches and starts items.
//
// Invariants: tokens are taken in the order of batches, whole batches at a time; batches are numbered in the order in
// which the compute lane must meet them, and a batch of parents comes after every batch that holds one of its children.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "earshot/pipeline/run/pass.h"
#include "execute.h"
#include "pass_state.h"

namespace earshot::run {

class Admission {
 public:
  using Start = std::function<void(std::vector<ItemPtr> rows)>;
  // `start`: what is done with items that have their tokens; of a pass that is only looked at (PassState::looking),
  // with all items, without tokens. `build`: makes the instance of a node, which an item needs after all.
  Admission(PassState& pass, const FlowPlan& plan, Start start, std::function<Status(int node)> build);

  // Admits the requested batches of all views, round robin, until the end or until the pass is stopping.
  void run();
  [[nodiscard]] std::int64_t batches() const { return batches_; }
  [[nodiscard]] std::vector<std::string> warnings() const { return warnings_; }
  // Spent in run() on anything but waiting for tokens.
  [[nodiscard]] double busy_s() const { return busy_s_; }

 private:
  struct Children {  // of one expand, waiting for their batch
    int node = 0;
    int region = 0;
    std::int64_t next_sequence = 0;
    std::int64_t batched = 0;  // children whose batch was started
    std::int64_t orders = 0;
    std::vector<ItemPtr> waiting;
  };
  struct Parents {  // a batch of records whose children are not all batched yet
    int region = 0;
    std::int64_t order = 0;
    std::vector<ItemPtr> rows;
    std::vector<std::int64_t> last_child;  // by expand of the region: sequence after the last child
  };

  ItemPtr new_item(int region, const View& view, std::int64_t index, std::int64_t sequence);
  // Opens the record of an item and runs what stands at admission.
  void open_record(ItemEnvelope& item, const View& view, std::int64_t index);
  // Opens what the items of a batch need, and stamps them where values are kept. False when the pass is ending.
  bool prepare(int region, const View& view, const std::vector<std::int64_t>& indices,
               const std::vector<ItemPtr>& rows);
  bool stamp(std::span<const ItemPtr> rows, bool claims);
  // Builds what the item will run.
  Status build_for(const ItemEnvelope& item);
  std::vector<ItemPtr> children_of(const NodePlan& node, const Children& children, const ItemPtr& row);
  bool admit_round(std::int64_t order);
  bool admit_batch(int region, const View& view, const std::vector<std::int64_t>& rows, std::int64_t order);
  void expand(const Region& region, const std::vector<ItemPtr>& rows);
  void start_children(Children& children, bool all);
  void start_ready_parents(bool all);
  // Takes tokens for rows and starts them: together where they form a batch, else in groups that leave each other room.
  // False when the pass is stopping; rows without tokens were then not started.
  bool take_and_start(int region, std::int64_t order, std::span<const ItemPtr> rows);
  void warn_if_too_large(const ItemEnvelope& item);
  void start(int region, std::int64_t order, std::vector<ItemPtr> rows);
  void count_work(const Region& region, std::span<const ItemPtr> rows);
  void show_progress();

  PassState& pass_;
  const FlowPlan& plan_;
  Start start_;
  std::function<Status(int node)> build_;
  std::vector<Children> children_;
  std::deque<Parents> parents_;
  std::int64_t next_number_ = 0;
  std::int64_t batches_ = 0;
  std::int64_t planned_ = 0;
  double busy_s_ = 0;
  std::vector<std::string> warnings_;
  BoundScratch scratch_;
};

}  // namespace earshot::run
