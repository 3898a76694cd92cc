// The end of a run, for people and as JSON. Pure functions but for asking whether items.jsonl is there.
#pragma once

#include <filesystem>
#include <string>

#include "earshot/pipeline/run/runner.h"

namespace earshot::tools {

// Figures with their 95 % intervals and chance, what sources say, time by stage, and in the last line what became of
// the items.
// `given`: what --out says where that is not the run's own folder (of a shard).
std::string report_text(const run::RunSummary& summary, const std::filesystem::path& folder,
                        const std::filesystem::path& given = {});
std::string report_json(const run::RunSummary& summary, const std::filesystem::path& folder);

}  // namespace earshot::tools
