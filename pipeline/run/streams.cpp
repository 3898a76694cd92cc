#include "streams.h"

namespace earshot::run {

Streams::Streams(PassState& pass, const NodePlan& node) : pass_(pass), node_(node) {
  for (const InputSlot& input : node.inputs) {
    const bool batches = pass.topology.nodes[static_cast<std::size_t>(input.from_node)].batch;
    ports_[input.port].next = batches ? pass.request.first_batch : pass.request.first_batch * pass.flow.batch;
  }
}

void Streams::deliver(int port, std::int64_t order, std::vector<Row> rows) {
  const std::scoped_lock lock(mutex_);
  ports_[port].waiting.emplace(order, std::move(rows));
  add_in_order(port);
}

void Streams::add_in_order(int index) {
  Port& port = ports_[index];
  while (!port.waiting.empty() && port.waiting.begin()->first == port.next) {
    std::vector<Row> rows = std::move(port.waiting.begin()->second);
    port.waiting.erase(port.waiting.begin());
    ++port.next;
    for (Row& row : rows) {
      if (pass_.broken()) return;
      const Status added = static_cast<Collect&>(*node_.instance)
                               .add(node_.input_names[static_cast<std::size_t>(index)], std::move(row));
      if (!added.ok())
        pass_.break_off({added.error().code, "stage '" + node_.resolved->name + "': " + added.error().message});
    }
  }
}

void Streams::finish() {
  const std::scoped_lock lock(mutex_);
  Context context = pass_.context(node_, 0, {}, 0);
  Result<Report> report = static_cast<Collect&>(*node_.instance).finish(context);
  if (pass_.broken()) return;
  if (!report.ok())
    return pass_.break_off({report.error().code, "stage '" + node_.resolved->name + "': " + report.error().message});
  const std::scoped_lock reports(pass_.report_mutex);
  pass_.reports.push_back({node_.resolved->name, std::move(*report)});
}

}  // namespace earshot::run
