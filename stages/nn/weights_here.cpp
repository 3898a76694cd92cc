// earshot_weights_here: which weights that have a name are on this machine, one JSON object on stdout; `earshot doctor`
// runs it.
#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>

#include <nlohmann/json.hpp>

#include "earshot/nn/weights_place.h"

int main() {
  using nlohmann::ordered_json;
  using namespace earshot;
  ordered_json report = {{"folders", ordered_json::array()},
                         {"found", ordered_json::array()},
                         {"wrong", ordered_json::array()},
                         {"absent", ordered_json::array()}};
  std::error_code failure;
  for (const std::filesystem::path& home : nn::weights_homes())
    report["folders"].push_back({{"path", home.string()}, {"there", std::filesystem::is_directory(home, failure)}});
  for (const std::string& name : nn::weights_names()) {
    const Result<nn::WeightsPlace> place = nn::find_weights(name);
    if (place.ok())
      report["found"].push_back({{"name", name}, {"path", place->files.front().string()}});
    else if (place.error().code == ErrorCode::kNotFound)
      report["absent"].push_back(name);
    else
      report["wrong"].push_back({{"name", name}, {"reason", place.error().message}});
  }
  std::cout << report.dump(-1, ' ', false, ordered_json::error_handler_t::replace) << std::endl;
}
