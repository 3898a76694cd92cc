// --shard i/n, and the shard that a Slurm array or mpirun says in the environment.
#include <charconv>
#include <cstdlib>
#include <iostream>

#include "run_options.h"

namespace earshot::tools {
namespace {

namespace po = boost::program_options;

constexpr std::int64_t kMostShards = 1'000'000;

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = failure == std::errc() && end == text.data() + text.size() && !text.empty();
  return whole ? std::optional(number) : std::nullopt;
}

std::optional<std::int64_t> variable(const char* name) {
  const char* const text = std::getenv(name);
  return text == nullptr ? std::nullopt : number_of(text);
}

bool fits(const run::Shard& shard) {
  return shard.count >= 1 && shard.count <= kMostShards && shard.index >= 0 && shard.index < shard.count;
}

std::string text_of(const run::Shard& shard) { return std::to_string(shard.index) + "/" + std::to_string(shard.count); }

struct Found {
  run::Shard shard;
  std::string from;
};

// The tasks of a Slurm array are MIN, MIN + STEP..., COUNT of them.
std::optional<Found> from_slurm() {
  const std::optional<std::int64_t> id = variable("SLURM_ARRAY_TASK_ID");
  const std::optional<std::int64_t> count = variable("SLURM_ARRAY_TASK_COUNT");
  if (!id || !count) return std::nullopt;
  const std::int64_t step = std::max<std::int64_t>(1, variable("SLURM_ARRAY_TASK_STEP").value_or(1));
  const std::int64_t index = (*id - variable("SLURM_ARRAY_TASK_MIN").value_or(0)) / step;
  return Found{{index, *count}, "SLURM_ARRAY_TASK_ID and SLURM_ARRAY_TASK_COUNT"};
}

std::optional<Found> from_mpi(const std::string& rank_name, const std::string& size_name) {
  const std::optional<std::int64_t> rank = variable(rank_name.c_str());
  const std::optional<std::int64_t> size = variable(size_name.c_str());
  if (!rank || !size) return std::nullopt;
  return Found{{*rank, *size}, rank_name + " and " + size_name};
}

std::optional<Found> from_environment() {
  if (std::optional<Found> found = from_slurm()) return found;
  if (std::optional<Found> found = from_mpi("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE")) return found;
  return from_mpi("PMI_RANK", "PMI_SIZE");
}

Result<run::Shard> shard_of(const std::string& text) {
  const std::size_t slash = text.find('/');
  const std::optional<std::int64_t> index = number_of(std::string_view(text).substr(0, slash));
  const std::optional<std::int64_t> count =
      slash == std::string::npos ? std::nullopt : number_of(std::string_view(text).substr(slash + 1));
  const run::Shard shard{index.value_or(-1), count.value_or(-1)};
  if (fits(shard)) return shard;
  return Error{ErrorCode::kInvalidArgument,
               "--shard is \"" + text + "\"; i/n was expected, i from 0 to n - 1, as in 0/4"};
}

}  // namespace

void declare_shard_option(po::options_description& options) {
  options.add_options()("shard", po::value<std::string>()->value_name("I/N"),
                        "of N parts of the records, only part I, from 0; taken from the environment in a Slurm array "
                        "and under mpirun");
}

Status take_shard(const Arguments& arguments, const graph::ResolvedGraph& graph, run::RunOptions& options) {
  const std::optional<Error> why_not = run::why_not_sharded(graph);
  if (arguments.has("shard")) {
    const Result<run::Shard> shard = shard_of(arguments.text("shard"));
    if (!shard.ok()) return shard.error();
    if (shard->count > 1 && why_not) return *why_not;
    options.shard = *shard;
    return {};
  }
  const std::optional<Found> found = from_environment();
  if (!found || found->shard.count <= 1) return {};
  // A training run in a Slurm array is one of a sweep, not a part of one run.
  const bool keeps = std::ranges::any_of(graph.stages, &graph::ResolvedStage::cache);
  if (why_not || !keeps) return {};
  if (!fits(found->shard))
    return Error{ErrorCode::kInvalidArgument,
                 found->from + " say shard " + text_of(found->shard) + ", which is none; give --shard i/n"};
  options.shard = found->shard;
  if (!arguments.flag("quiet"))  // in one piece: the other processes of this run write to the same terminal
    std::cerr << "shard " + text_of(found->shard) + ", from " + found->from + " (--shard 0/1 is all records)\n";
  return {};
}

}  // namespace earshot::tools
