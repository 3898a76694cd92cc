// earshot doctor: this machine, the libraries underneath, what is missing, and what a folder's file system can do.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <system_error>
#include <thread>

#include <boost/version.hpp>
#include <gnu/libc-version.h>
#include <nlohmann/json.hpp>
#include <sys/utsname.h>
#include <tbb/version.h>

#include "command.h"
#include "earshot/pipeline/plugins/child.h"
#include "folder_check.h"
#include "graph_input.h"
#include "table.h"

namespace earshot::tools {
namespace {

using nlohmann::ordered_json;

// The value of the first line "KEY ...: VALUE" of a file of /proc.
std::string proc_value(const char* file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key) && line.find(':') != std::string::npos) {
      const std::size_t start = line.find_first_not_of(" \t", line.find(':') + 1);
      return start == std::string::npos ? std::string() : line.substr(start);
    }
  return {};
}

// Those of the processor's capabilities that decide how fast matrices are multiplied, and in what precision.
std::string matrix_capabilities() {
  std::istringstream flags(proc_value("/proc/cpuinfo", "flags"));
  std::string found;
  for (std::string flag; flags >> flag;)
    for (const char* wanted : {"avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16", "amx_int8"})
      if (flag == wanted) found += (found.empty() ? "" : " ") + flag;
  return found.empty() ? "none of AVX2, AVX-512, AMX" : found;
}

double kib(const std::string& text) { return text.empty() ? 0.0 : 1024 * std::stod(text); }

std::string memory_text() {
  std::string text = bytes_text(kib(proc_value("/proc/meminfo", "MemTotal"))) + ", " +
                     bytes_text(kib(proc_value("/proc/meminfo", "MemAvailable"))) + " free";
  std::ifstream limit("/sys/fs/cgroup/memory.max");
  if (double bytes = 0; limit >> bytes) text += ", limited to " + bytes_text(bytes);
  return text;
}

std::vector<Finding> machine() {
  utsname system = {};
  uname(&system);
  std::error_code failure;
  const bool gpu = std::filesystem::exists("/proc/driver/nvidia/version", failure);
  return {{"system", std::string(system.sysname) + " " + system.release + " " + system.machine},
          {"processor", proc_value("/proc/cpuinfo", "model name")},
          {"cores", std::to_string(std::thread::hardware_concurrency())},
          {"capabilities", matrix_capabilities()},
          {"memory", memory_text()},
          {"GPU", gpu ? "an NVIDIA driver is loaded" : "none"}};
}

std::vector<Finding> libraries() {
  return {{"earshot", EARSHOT_VERSION},
          {"compiler", __VERSION__},
          {"glibc", gnu_get_libc_version()},
          {"oneTBB", TBB_runtime_version()},
          {"Boost", BOOST_LIB_VERSION},
          {"LibTorch", EARSHOT_BUILT_WITH_TORCH},
          {"libsndfile", EARSHOT_BUILT_WITH_SNDFILE},
          {"toml++", EARSHOT_BUILT_WITH_TOML}};
}

std::string speed_text(double gflops) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), gflops < 10 ? "%.2g GFLOP/s" : "%.0f GFLOP/s", gflops);
  return text.data();
}

// What the helper program `name` prints as JSON; discarded where it prints none, nothing where it is not installed.
std::optional<ordered_json> report_of(const char* name) {
  const std::filesystem::path helper = plugins::find_helper(name);
  if (helper.empty()) return std::nullopt;
  const Result<plugins::ChildEnd> end = plugins::run_child({helper.string()}, std::chrono::seconds(60));
  if (!end.ok()) return ordered_json();
  return ordered_json::parse(end->output, nullptr, /*allow_exceptions=*/false);
}

// What LibTorch's matrix product reaches, by device and precision; nothing where earshot was built without LibTorch.
std::vector<Finding> matrix_products() {
  const std::optional<ordered_json> report = report_of("earshot_matrix_speed");
  if (!report) return {};
  if (!report->is_object() || !report->contains("speeds")) return {{"measured", "nothing", false}};
  std::vector<Finding> findings;
  for (const ordered_json& speed : (*report)["speeds"])
    findings.push_back(
        {speed.value("device", "") + " " + speed.value("precision", ""), speed_text(speed.value("gflops", 0.0))});
  findings.push_back({"threads", std::to_string(report->value("threads", 0))});
  return findings;
}

// Where weights with a name are looked for, and which are there.
std::vector<Finding> weights() {
  const std::optional<ordered_json> report = report_of("earshot_weights_here");
  if (!report || !report->is_object()) return {{"looked for", "nothing: earshot_weights_here does not run", false}};
  std::vector<Finding> findings;
  for (const ordered_json& folder : report->value("folders", ordered_json::array()))
    findings.push_back(
        {"folder", folder.value("path", "") + (folder.value("there", false) ? "" : ", which is not there")});
  if (findings.empty()) findings.push_back({"folder", "none: neither EARSHOT_WEIGHTS nor HOME is set"});
  for (const ordered_json& found : report->value("found", ordered_json::array()))
    findings.push_back({found.value("name", ""), found.value("path", "")});
  for (const ordered_json& wrong : report->value("wrong", ordered_json::array()))
    findings.push_back({wrong.value("name", ""), wrong.value("reason", ""), false});
  std::string absent;
  for (const ordered_json& name : report->value("absent", ordered_json::array()))
    absent += (absent.empty() ? "" : ", ") + name.get<std::string>();
  if (!absent.empty()) findings.push_back({"not here", absent});
  return findings;
}

std::vector<Finding> installation() {
  const plugins::Catalogue catalogue = scan_plugins();
  const auto graphs = installed_graphs();
  std::error_code failure;
  const bool graphs_there = std::filesystem::is_directory(graphs, failure);
  std::vector<Finding> findings = {
      {"plugins", std::to_string(catalogue.names().size()), !catalogue.names().empty()},
      {"graphs", graphs_there ? graphs.string() : "not in " + graphs.string(), graphs_there}};
  if (catalogue.names().empty()) findings[0].outcome = "none; they belong into lib/earshot/plugins beside bin/";
  for (const plugins::BadPlugin& bad : catalogue.bad())
    findings.push_back({"unusable", bad.file.string() + " " + bad.reason, false});
  return findings;
}

struct Section {
  std::string name;
  std::vector<Finding> findings;
};

std::string text_of(const std::vector<Section>& sections) {
  std::string text;
  for (const Section& section : sections) {
    Table table({Align::kLeft, Align::kLeft});
    for (const Finding& finding : section.findings)
      table.add({finding.what, finding.outcome + (finding.good ? "" : "   <- wrong")});
    text += section.name + "\n" + table.text(2);
  }
  return text;
}

std::string json_of(const std::vector<Section>& sections) {
  ordered_json json;
  for (const Section& section : sections)
    for (const Finding& finding : section.findings)
      json[section.name].push_back({{"what", finding.what}, {"outcome", finding.outcome}, {"good", finding.good}});
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

Result<ExitCode> doctor(const Arguments& arguments) {
  std::vector<Section> sections = {
      {"machine", machine()}, {"libraries", libraries()}, {"installation", installation()}, {"weights", weights()}};
  if (std::vector<Finding> speeds = matrix_products(); !speeds.empty())
    sections.insert(sections.begin() + 1, {"matrix products", std::move(speeds)});
  if (!arguments.operands().empty()) {
    const std::string& folder = arguments.operands()[0];
    Result<std::vector<Finding>> findings = check_folder(folder);
    if (!findings.ok()) return findings.error();
    sections.push_back({"folder " + folder, *std::move(findings)});
  }
  std::cout << (arguments.flag("json") ? json_of(sections) : text_of(sections));
  const bool good = std::ranges::all_of(
      sections, [](const Section& section) { return std::ranges::all_of(section.findings, &Finding::good); });
  return good ? ExitCode::kDone : ExitCode::kFailed;
}

}  // namespace

constinit const Command kDoctor = {.name = "doctor",
                                   .operands = "[PATH]",
                                   .max_operands = 1,
                                   .sentence = "looks at this machine, and at a folder that runs should live in",
                                   .declare = declare_json,
                                   .run = doctor};

}  // namespace earshot::tools
