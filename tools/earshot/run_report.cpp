#include "run_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <thread>

#include <nlohmann/json.hpp>

#include "earshot/pipeline/report/progress.h"
#include "table.h"

namespace earshot::tools {
namespace {

using nlohmann::ordered_json;

constexpr double kSmallestShare = 0.01;  // of the stages' time, to be named

std::string joined(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) text += (text.empty() ? "" : "; ") + sentence;
  return text;
}

std::string title_of(const run::FlowResult& result) {
  std::string title = result.flow + (result.split.empty() ? "" : " (" + result.split + ")");
  if (result.repeat >= 0) title += ", turn " + std::to_string(result.repeat + 1);
  const std::string notes = joined(result.report.notes);
  return title + (notes.empty() ? "" : ": " + notes);
}

std::string metrics_text(const std::vector<Metric>& metrics) {
  Table table({Align::kLeft, Align::kRight, Align::kLeft, Align::kLeft});
  for (const Metric& metric : metrics)
    table.add({metric.name, fixed_text(metric.value),
               metric.low && metric.high ? "[" + fixed_text(*metric.low) + ", " + fixed_text(*metric.high) + "]" : "",
               metric.chance ? "chance " + fixed_text(*metric.chance) : ""});
  return table.text(2);
}

// How many cores worked on average, and how much of the time the one compute lane did: where that is near all of it,
// more cores would not help; where it is not, networks waited for what comes before them.
std::string cores_text(const run::RunSummary& summary) {
  if (summary.seconds <= 0 || summary.processor_seconds <= 0) return {};
  std::array<char, 80> text{};
  std::snprintf(text.data(), text.size(), " on %.1f of %u cores", summary.processor_seconds / summary.seconds,
                std::max(1U, std::thread::hardware_concurrency()));
  std::string cores = text.data();
  if (summary.lane_seconds > 0)
    cores +=
        ", the compute lane busy " + std::to_string(std::lround(100 * summary.lane_seconds / summary.seconds)) + " %";
  return cores;
}

// "time: 4 min 12 s on 1.9 of 2 cores, the compute lane busy 84 %; of the stages' time audio 71 %, decode 12 %".
std::string time_text(const run::RunSummary& summary) {
  double sum_s = 0;
  for (const auto& [stage, stage_s] : summary.seconds_by_stage) sum_s += stage_s;
  std::string shares;
  for (const auto& [stage, stage_s] : summary.seconds_by_stage)
    if (sum_s > 0 && stage_s >= kSmallestShare * sum_s)
      shares += (shares.empty() ? "; of the stages' time " : ", ") + stage + " " +
                std::to_string(std::lround(100 * stage_s / sum_s)) + " %";
  return "time: " + report::duration_text(summary.seconds) + cores_text(summary) + shares + "\n";
}

// "cache: 412 hits, 3 misses; 1.2 GiB read, 96.0 KiB written".
std::string cache_text(const run::CacheFigures& figures) {
  return "cache: " + count_text(figures.hits) + " hits, " + count_text(figures.misses) + " misses; " +
         bytes_text(static_cast<double>(figures.bytes_read)) + " read, " +
         bytes_text(static_cast<double>(figures.bytes_written)) + " written\n";
}

ordered_json json_of(const run::CacheFigures& figures) {
  return {{"hits", figures.hits},
          {"misses", figures.misses},
          {"bytes_read", figures.bytes_read},
          {"bytes_written", figures.bytes_written}};
}

const char* end_text(run::RunEnd end) {
  switch (end) {
    case run::RunEnd::kDone:
      return "done";
    case run::RunEnd::kAlreadyDone:
      return "already done";
    case run::RunEnd::kStopped:
      return "stopped";
    case run::RunEnd::kFailed:
      return "failed";
  }
  return "";
}

ordered_json json_of(const Metric& metric) {
  ordered_json json = {{"name", metric.name}, {"value", metric.value}};
  if (metric.low) json["low"] = *metric.low;
  if (metric.high) json["high"] = *metric.high;
  if (metric.chance) json["chance"] = *metric.chance;
  return json;
}

ordered_json json_of(const run::FlowResult& result) {
  ordered_json json;
  if (result.repeat >= 0) json["repeat"] = result.repeat;
  json["flow"] = result.flow;
  if (!result.split.empty()) json["split"] = result.split;
  json["stage"] = result.stage;
  json["metrics"] = ordered_json::array();
  for (const Metric& metric : result.report.metrics) json["metrics"].push_back(json_of(metric));
  json["notes"] = result.report.notes;
  return json;
}

}  // namespace

std::string report_text(const run::RunSummary& summary, const std::filesystem::path& folder,
                        const std::filesystem::path& given) {
  std::string text;
  for (const run::FlowResult& result : summary.results)
    text += title_of(result) + "\n" + metrics_text(result.report.metrics);
  for (const std::string& note : summary.notes) text += note + "\n";
  if (summary.end == run::RunEnd::kAlreadyDone) text += "this run was done already: " + folder.string() + "\n";
  if (summary.end == run::RunEnd::kStopped)
    text += "stopped; the same command with --out " + (given.empty() ? folder : given).string() + " --resume goes on\n";
  if (summary.cache) text += cache_text(*summary.cache);
  if (summary.end != run::RunEnd::kAlreadyDone) text += time_text(summary);
  text += "items: " + summary.items.text();
  if (summary.items.done != summary.items.admitted) text += " (" + (folder / "items.jsonl").string() + ")";
  return text + "\n";
}

std::string report_json(const run::RunSummary& summary, const std::filesystem::path& folder) {
  ordered_json json;
  json["end"] = end_text(summary.end);
  if (summary.error) json["error"] = summary.error->message;
  json["out"] = folder.string();
  json["results"] = ordered_json::array();
  for (const run::FlowResult& result : summary.results) json["results"].push_back(json_of(result));
  json["notes"] = summary.notes;
  json["seconds"] = summary.seconds;
  json["processor_seconds"] = summary.processor_seconds;
  json["lane_seconds"] = summary.lane_seconds;
  json["seconds_by_stage"] = ordered_json::object();
  for (const auto& [stage, stage_s] : summary.seconds_by_stage) json["seconds_by_stage"][stage] = stage_s;
  if (summary.cache) {
    json["cache"] = json_of(*summary.cache);
    for (const auto& [stage, items] : summary.computed_by_stage) json["computed_by_stage"][stage] = items;
  }
  const run::Conservation& items = summary.items;
  json["items"] = {{"admitted", items.admitted},
                   {"done", items.done},
                   {"skipped", items.skipped},
                   {"quarantined", items.quarantined},
                   {"failed", items.failed}};
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace earshot::tools
