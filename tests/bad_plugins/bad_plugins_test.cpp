// One folder of plugins, most of them bad, as `earshot plugins` sees it.
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>

#include <gtest/gtest.h>
#include <unistd.h>

#include "earshot/pipeline/plugins/catalogue.h"
#include "earshot/pipeline/plugins/print.h"

namespace earshot::plugins {
namespace {

namespace fs = std::filesystem;

// The built plugins and some damaged files, scanned once for all tests: each that hangs takes 5 s.
class BadPlugins : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    // A sanitizer would turn the crash into an exit.
    const char* given = std::getenv("ASAN_OPTIONS");
    setenv("ASAN_OPTIONS", ((given != nullptr ? std::string(given) + ":" : "") + "handle_segv=0").c_str(), 1);
    folder_ = fs::temp_directory_path() / ("earshot_bad_plugins_" + std::to_string(getpid()));
    fs::remove_all(folder_);
    fs::copy(BAD_PLUGINS_DIR, folder_);
    std::ofstream(folder_ / "not_elf.so")
        << "#!/bin/sh\necho I am no library at all, though my name says so, and so on\n";
    std::ofstream(folder_ / "empty.so") << "";
    fs::copy_file(folder_ / "good.so", folder_ / "cut_short.so");
    fs::resize_file(folder_ / "cut_short.so", fs::file_size(folder_ / "good.so") / 2);
    fs::create_directory(folder_ / "folder.so");
    std::ofstream(folder_ / "stale.json") << R"({"format": 1, "build_id": "00", "plugin": {}})";
    std::ofstream(folder_ / "good.json") << "{ this was cut sh";
    catalogue_ = Catalogue::scan({&folder_, 1});
    for (const BadPlugin& bad : catalogue_->bad()) reasons_[bad.file.stem()] = bad.reason;
  }
  static void TearDownTestSuite() { fs::remove_all(folder_); }

  static inline fs::path folder_;
  static inline std::optional<Catalogue> catalogue_;
  static inline std::map<std::string, std::string> reasons_;
};

TEST_F(BadPlugins, each_is_listed_with_its_reason) {
  const std::string ours = __VERSION__;
  EXPECT_EQ(reasons_["not_elf"], "is not a shared library (ELF)");
  EXPECT_EQ(reasons_["empty"], "is not a shared library (ELF)");
  EXPECT_EQ(reasons_["folder"], "is not a regular file");
  EXPECT_EQ(reasons_["cut_short"], "is damaged or cut short: a table in it lies beyond its end");
  EXPECT_EQ(reasons_["no_symbol"],
            "has no symbol earshot_plugin_abi: it is no plugin, or EARSHOT_PLUGIN is missing in it");
  EXPECT_EQ(reasons_["no_entry"], "has no symbol earshot_plugin: it is no plugin, or EARSHOT_PLUGIN is missing in it");
  EXPECT_EQ(reasons_["wrong_magic"],
            "has a symbol earshot_plugin_abi that does not begin with EARSHOT: it is no plugin");
  EXPECT_EQ(reasons_["wrong_version"],
            "was built with plugin ABI 6 (96 bytes), this earshot with 5 (96 bytes); build it again");
  EXPECT_EQ(reasons_["wrong_compiler"],
            "was built with compiler 4.8.5, this earshot with " + ours + "; build it again");
  EXPECT_EQ(reasons_["wrong_torch"].substr(0, 46), "was built with LibTorch 0.4.1, this earshot wi");
  EXPECT_EQ(reasons_["throws"], "cannot describe itself: the table of windows is empty");
  EXPECT_EQ(reasons_["crashes_on_load"], "crashes while being loaded: Segmentation fault");
  EXPECT_EQ(reasons_["crashes_in_describe"], "crashes while describing itself: Aborted");
  EXPECT_EQ(reasons_["hangs_in_describe"], "hangs while describing itself: no end after 5.0 s");
  EXPECT_EQ(reasons_["good_again"], "is called \"good\", as " + (folder_ / "good.so").string() + " is");
  EXPECT_EQ(reasons_.size(), 17U);
}

TEST_F(BadPlugins, the_loader_s_own_words_are_kept) {
  EXPECT_NE(reasons_["undefined_symbol"].find("undefined symbol: defined_nowhere"), std::string::npos)
      << reasons_["undefined_symbol"];
}

TEST_F(BadPlugins, everything_wrong_with_a_description_is_said_at_once) {
  EXPECT_EQ(
      reasons_["wrong_description"],
      "describes itself wrongly: it has no sentence that says what it does; option \"level_db\" has the default "
      "99.0, expected number from -60 to 60 dB; input \"in\" is declared twice; output \"out\" says of its fact "
      "\"dim\" that it is that of port \"elsewhere\", which there is not; output \"other\" says of its fact \"dim\" "
      "that it is option \"size\", which there is not");
}

TEST_F(BadPlugins, the_good_ones_beside_them_work) {
  EXPECT_EQ(catalogue_->names(), (std::vector<std::string>{"good", "noisy", "stale"}));
  for (const std::string& name : catalogue_->names()) {
    const Result<const PluginEntry*> entry = catalogue_->load(name);
    ASSERT_TRUE(entry.ok()) << entry.error().message;
    EXPECT_EQ((*entry)->description->name, name);
    EXPECT_TRUE((*entry)->create({}, earshot::Setup{}).ok());
  }
}

TEST_F(BadPlugins, the_listing_names_every_one) {
  const std::string text = plugins_text(*catalogue_);
  EXPECT_EQ(text.substr(0, text.find('\n')), "3 plugins");
  EXPECT_NE(text.find("\n17 unusable\n"), std::string::npos);
  for (const auto& [file, reason] : reasons_) {
    const std::string row = std::string(file).append(".so ").append(reason);
    EXPECT_NE(text.find(row), std::string::npos) << row;
  }
}

TEST_F(BadPlugins, a_plugin_replaced_since_the_scan_is_not_taken_for_the_old_one) {
  const fs::path own = folder_ / "own";
  fs::create_directory(own);
  fs::copy_file(folder_ / "noisy.so", own / "plugin.so");
  const Catalogue catalogue = Catalogue::scan({&own, 1});
  fs::remove(own / "plugin.so");
  fs::copy_file(folder_ / "stale.so", own / "plugin.so");
  const Result<const PluginEntry*> entry = catalogue.load("noisy");
  ASSERT_FALSE(entry.ok());
  EXPECT_EQ(entry.error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace earshot::plugins
