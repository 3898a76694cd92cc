#include "pass_state.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace earshot::run {

Conservation& Conservation::operator+=(const Conservation& other) {
  admitted += other.admitted;
  done += other.done;
  skipped += other.skipped;
  quarantined += other.quarantined;
  failed += other.failed;
  return *this;
}

std::string Conservation::text() const {
  std::string out = std::to_string(admitted) + " admitted = " + std::to_string(done) + " done + " +
                    std::to_string(skipped) + " skipped + " + std::to_string(quarantined) + " quarantined";
  if (failed > 0) out += " + " + std::to_string(failed) + " failed";
  return out;
}

Accounts::Accounts(const Topology& topology, const graph::ResolvedFlow& flow, std::int64_t planned)
    : topology_(topology), flow_(flow), planned_(planned) {}

void Accounts::close(const ItemEnvelope& item, std::optional<Failure> failure, int sinks_left) {
  if (!failure && sinks_left != 0) {
    failure = Failure{0,
                      "the engine",
                      {ErrorCode::kInternal, "item '" + item.header.id + "' was lost on its way"},
                      graph::FailurePolicy::kFail};
  }
  if (!failure) {
    done_.fetch_add(1, std::memory_order_relaxed);
    ended_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const Region& region = topology_.regions[static_cast<std::size_t>(item.region)];
  const std::string view = flow_.nodes[static_cast<std::size_t>(region.root_node)].view;
  {
    const std::scoped_lock lock(mutex_);
    count_against_budget(*failure);
    lost_.push_back({flow_.name, view, item.header.id, item.sequence, std::move(*failure)});
  }
  ended_.fetch_add(1, std::memory_order_relaxed);
}

void Accounts::count_against_budget(const Failure& failure) {
  if (failure.policy == graph::FailurePolicy::kFail) return end_run();
  const NodePlan& node = topology_.nodes[static_cast<std::size_t>(failure.node)];
  const graph::OnError& rule = node.resolved->on_error;
  auto allowed = static_cast<std::int64_t>(std::floor(rule.budget_share * static_cast<double>(planned_)));
  if (rule.budget_items) allowed = std::min(allowed, *rule.budget_items);
  if (++failures_by_node_[failure.node] <= allowed || over_budget_) return;
  over_budget_ = "stage '" + failure.stage + "': more than " + std::to_string(allowed) + " of " +
                 std::to_string(planned_) + " items failed, which is its on_error budget";
  fatal_.store(true, std::memory_order_release);
}

Conservation Accounts::conservation() const {
  Conservation sum{.admitted = admitted_.load(), .done = done_.load()};
  const std::scoped_lock lock(mutex_);
  for (const LostItem& item : lost_) {
    if (item.failure.policy == graph::FailurePolicy::kSkip) ++sum.skipped;
    if (item.failure.policy == graph::FailurePolicy::kQuarantine) ++sum.quarantined;
    if (item.failure.policy == graph::FailurePolicy::kFail) ++sum.failed;
  }
  return sum;
}

std::vector<LostItem> Accounts::lost_items() const {
  const std::scoped_lock lock(mutex_);
  std::vector<LostItem> sorted = lost_;
  std::sort(sorted.begin(), sorted.end(), [](const LostItem& a, const LostItem& b) {
    return std::tie(a.view, a.sequence) < std::tie(b.view, b.sequence);
  });
  return sorted;
}

std::optional<Error> Accounts::fatal_error() const {
  if (!fatal()) return std::nullopt;
  for (const LostItem& item : lost_items()) {
    if (item.failure.policy != graph::FailurePolicy::kFail) continue;
    // What a stage refuses in an item is the item's fault, not that of the graph or the command line.
    const ErrorCode code = item.failure.error.code;
    return Error{code == ErrorCode::kInvalidArgument ? ErrorCode::kCorruptInput : code,
                 "stage '" + item.failure.stage + "', item '" + item.id + "': " + item.failure.error.message};
  }
  const std::scoped_lock lock(mutex_);
  return Error{ErrorCode::kCorruptInput, over_budget_.value_or("too many items failed")};
}

void PassState::break_off(Error error) {
  {
    const std::scoped_lock lock(broken_mutex_);
    if (!broken_by_) broken_by_ = std::move(error);
  }
  broken_.store(true, std::memory_order_release);
  budget.wake();
}

std::optional<Error> PassState::broken_by() const {
  const std::scoped_lock lock(broken_mutex_);
  return broken_by_;
}

Context PassState::context(const NodePlan& node, std::uint64_t item, std::string_view item_id,
                           std::int64_t batch_order) const {
  Context context;
  context.seed = request.seed;
  context.epoch = request.epoch;
  context.step = request.first_step + batch_order;
  context.total_steps = request.total_steps;
  context.training = request.training;
  context.item = item;
  context.item_id = item_id;
  context.stage = node.resolved->name;
  return context;
}

}  // namespace earshot::run
