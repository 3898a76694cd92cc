// Progression to and from the JSON that a checkpoint holds.
#include "session.h"

namespace earshot::run {
namespace {

using nlohmann::json;

json to_json(const Metric& metric) {
  json out = {{"name", metric.name}, {"value", metric.value}};
  if (metric.low) out["low"] = *metric.low;
  if (metric.high) out["high"] = *metric.high;
  if (metric.chance) out["chance"] = *metric.chance;
  return out;
}

std::optional<double> optional_number(const json& from, const char* key) {
  return from.contains(key) ? std::optional<double>(from.at(key).get<double>()) : std::nullopt;
}

json to_json(const FlowResult& result) {
  json metrics = json::array();
  for (const Metric& metric : result.report.metrics) metrics.push_back(to_json(metric));
  return {{"repeat", result.repeat}, {"flow", result.flow}, {"split", result.split},
          {"stage", result.stage},   {"metrics", metrics},  {"notes", result.report.notes}};
}

FlowResult result_from(const json& from) {
  FlowResult result{
      .repeat = from.at("repeat"), .flow = from.at("flow"), .split = from.at("split"), .stage = from.at("stage")};
  for (const json& metric : from.at("metrics"))
    result.report.metrics.push_back({metric.at("name"), metric.at("value"), optional_number(metric, "low"),
                                     optional_number(metric, "high"), optional_number(metric, "chance")});
  result.report.notes = from.at("notes").get<std::vector<std::string>>();
  return result;
}

}  // namespace

json to_json(const Progression& progression) {
  const Position& at = progression.position;
  const Conservation& items = progression.items;
  json out = {{"position",
               {{"repeat", at.repeat},
                {"entry", at.entry},
                {"epoch", at.epoch},
                {"batch", at.batch},
                {"step", at.step},
                {"total_steps", at.total_steps},
                {"epochs_before", at.epochs_before}}},
              {"items",
               {{"admitted", items.admitted},
                {"done", items.done},
                {"skipped", items.skipped},
                {"quarantined", items.quarantined}}},
              {"best", json::array()},
              {"results", json::array()},
              {"done", progression.done}};
  for (const Candidate& kept : progression.best)
    out["best"].push_back({{"metric", kept.metric}, {"step", kept.step}, {"file", kept.file}});
  for (const FlowResult& result : progression.results) out["results"].push_back(to_json(result));
  return out;
}

Progression progression_from(const json& from) {
  Progression progression;
  const json& at = from.at("position");
  progression.position = {.repeat = at.at("repeat"),
                          .entry = at.at("entry"),
                          .epoch = at.at("epoch"),
                          .batch = at.at("batch"),
                          .step = at.at("step"),
                          .total_steps = at.at("total_steps"),
                          .epochs_before = at.at("epochs_before")};
  const json& items = from.at("items");
  progression.items = {.admitted = items.at("admitted"),
                       .done = items.at("done"),
                       .skipped = items.at("skipped"),
                       .quarantined = items.at("quarantined")};
  for (const json& kept : from.at("best"))
    progression.best.push_back({kept.at("metric"), kept.at("step"), kept.at("file")});
  for (const json& result : from.at("results")) progression.results.push_back(result_from(result));
  progression.done = from.at("done");
  return progression;
}

}  // namespace earshot::run
