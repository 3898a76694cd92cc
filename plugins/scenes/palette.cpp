#include "palette.h"

#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "palette_data.h"

namespace earshot::scenes {
namespace {

using nlohmann::json;

constexpr std::size_t kFewestCaptions = 3;
constexpr std::size_t kLongestCaption = 200;

Error wrong(const std::string& where, const std::string& what) {
  return {ErrorCode::kInvalidArgument, "palette: " + where + ": " + what};
}

const std::string* text(const json& entry, const char* key) {
  const auto found = entry.find(key);
  return found == entry.end() ? nullptr : found->get_ptr<const std::string*>();
}

bool is_clause(const std::string& caption) {
  return !caption.empty() && caption.size() <= kLongestCaption &&
         caption.find_first_of(",;.\r\n") == std::string::npos && caption.front() != ' ' && caption.back() != ' ';
}

// A path below the root, in words that cannot lead out of it.
bool stays_below(const std::filesystem::path& path) {
  if (path.empty() || path.is_absolute()) return false;
  for (const auto& part : path)
    if (part == "..") return false;
  return true;
}

Result<Sound> parse_entry(const json& entry, const std::filesystem::path& root, const std::string& where) {
  if (!entry.is_object()) return wrong(where, "an object was expected");
  for (const auto& [key, value] : entry.items())
    if (key != "file" && key != "category" && key != "captions" && key != "sustained")
      return wrong(where, "unknown key \"" + key + "\"; there are file, category, captions, sustained");
  const std::string* file = text(entry, "file");
  if (file == nullptr || !stays_below(*file)) return wrong(where, "\"file\" must be a path below the root");
  const auto captions = entry.find("captions");
  if (captions == entry.end() || !captions->is_array() || captions->size() < kFewestCaptions)
    return wrong(where, "\"captions\" must be a list of at least three");

  Sound sound;
  sound.name = *file;
  sound.file = root / *file;
  if (const std::string* category = text(entry, "category")) sound.category = *category;
  for (const json& caption : *captions) {
    const auto* clause = caption.get_ptr<const std::string*>();
    if (clause == nullptr || !is_clause(*clause))
      return wrong(where, "a caption must be a clause such as \"an owl hoots\", without comma or full stop, not " +
                              caption.dump(-1, ' ', false, json::error_handler_t::replace));
    sound.captions.push_back(*clause);
  }
  if (const auto sustained = entry.find("sustained"); sustained != entry.end()) {
    if (!sustained->is_boolean()) return wrong(where, "\"sustained\" must be true or false");
    sound.sustained = sustained->get<bool>();
  }
  return sound;
}

}  // namespace

Result<std::vector<Sound>> parse_palette(std::string_view text_of_file, const std::filesystem::path& folder) {
  const json document = json::parse(text_of_file, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) return wrong("the file", "a JSON object was expected");
  if (const auto format = document.find("format"); format == document.end() || *format != 1)
    return wrong("the file", "\"format\": 1 was expected");
  const auto recordings = document.find("recordings");
  if (recordings == document.end() || !recordings->is_array() || recordings->size() > kMaxSounds)
    return wrong("the file", "\"recordings\" must be a list of at most " + std::to_string(kMaxSounds));
  const std::string* named = text(document, "root");
  const std::filesystem::path root = named == nullptr ? folder : folder / *named;

  std::vector<Sound> sounds;
  std::set<std::string> names;
  for (const json& entry : *recordings) {
    const std::string where = "entry " + std::to_string(sounds.size() + 1);
    Result<Sound> sound = parse_entry(entry, root, where);
    if (!sound.ok()) return std::move(sound).error();
    if (!names.insert(sound->name).second) return wrong(where, "\"" + sound->name + "\" is there already");
    sounds.push_back(*std::move(sound));
  }
  return sounds;
}

Result<std::vector<Sound>> package_palette() { return parse_palette(kPackagePalette, {}); }

std::vector<Sound> synthetic_palette() {
  using enum Family;
  const auto sound = [](Formula formula, std::vector<std::string> captions, bool sustained = false) {
    return Sound{captions.front(), {}, "synthetic", std::move(captions), sustained, formula};
  };
  return {
      sound({kTone, 300, 0, 0, 1.5}, {"a low tone hums", "a deep steady tone sounds", "a low note is held"}),
      sound({kTone, 2500, 0, 0, 1.5}, {"a high tone whistles", "a shrill steady tone sounds", "a high note is held"}),
      sound({kBell, 220, 7000, 0, 3}, {"a large bell tolls", "a deep bell rings", "a heavy bell is struck"}),
      sound({kBell, 1200, 7000, 0, 2}, {"a small bell rings", "a handbell dings", "a bright bell is struck"}),
      sound({kBell, 1700, 7000, 6, 2.5}, {"an alarm bell rings fast", "a telephone rings", "a bell clatters"}),
      sound({kSweep, 200, 4000, 0, 1.5}, {"a tone sweeps up", "a rising whoop sounds", "a pitch climbs"}),
      sound({kSweep, 4000, 200, 0, 1.5}, {"a tone sweeps down", "a falling whistle sounds", "a pitch drops"}),
      sound({kSiren, 500, 1200, 0.4, 5},
            {"a slow siren wails", "an ambulance wails", "a siren rises and falls slowly"}),
      sound({kSiren, 700, 1600, 4, 3}, {"a fast siren yelps", "a police siren warbles", "a siren wobbles quickly"}),
      sound({kSiren, 2000, 2300, 12, 2}, {"a whistle trills", "a referee blows a whistle", "a pea whistle shrills"}),
      sound({kBeeps, 1000, 0, 2, 2.5}, {"a machine beeps slowly", "a reversing lorry beeps", "slow beeps repeat"}),
      sound({kBeeps, 3000, 0, 8, 1.5}, {"a watch beeps rapidly", "an alarm clock beeps", "quick beeps repeat"}),
      sound({kChirps, 3000, 5500, 5, 2}, {"a bird chirps upwards", "a small bird tweets", "rising chirps repeat"}),
      sound({kChirps, 2500, 1200, 3, 2}, {"a bird chirps downwards", "a finch calls", "falling chirps repeat"}),
      sound({kChirps, 4500, 4600, 14, 3}, {"a cricket chirps", "an insect stridulates", "a cricket sings"}, true),
      sound({kClicks, 1800, 300, 2, 3}, {"a clock ticks", "a slow ticking goes on", "something ticks"}, true),
      sound({kClicks, 900, 60, 6, 2}, {"somebody knocks on wood", "a woodpecker knocks", "knocks follow fast"}),
      sound({kClicks, 3000, 150, 18, 2}, {"a ratchet clatters", "a toy rattles", "rapid clicks rattle"}),
      sound({kClicks, 120, 12, 1.5, 3}, {"a drum beats slowly", "a bass drum thumps", "heavy thumps repeat"}),
      sound({kBuzz, 90, 3000, 8, 3}, {"an engine runs", "a motor rumbles", "a diesel engine idles"}, true),
      sound({kBuzz, 220, 5000, 25, 3}, {"a fly buzzes", "an insect drones", "a wasp buzzes about"}, true),
      sound({kBuzz, 440, 4000, 0, 1}, {"a horn honks", "a car horn blares", "a horn is sounded"}),
      sound({kNoise, 20, 150, 0.7, 4}, {"the ground rumbles", "a distant rumble goes on", "a low roar rolls"}, true),
      sound({kNoise, 300, 900, 0.3, 5}, {"wind blows", "a gale howls", "gusts of wind pass"}, true),
      sound({kNoise, 2500, 7000, 0, 4}, {"rain hisses", "rain pours down", "steady rain falls"}, true),
      sound({kNoise, 500, 5000, 0.25, 6}, {"waves break", "the sea washes ashore", "surf rolls in"}, true),
      sound({kNoise, 1500, 3500, 3, 1.5}, {"a saw cuts", "something is sawn", "a saw rasps"}),
      sound({kBurst, 20, 300, 0, 2.5}, {"an explosion booms", "thunder claps", "a blast thuds"}),
      sound({kBurst, 3000, 7500, 0, 1.5}, {"a cymbal crashes", "glass shatters", "a splash of metal rings"}),
      sound({kBurst, 700, 3000, 0, 0.3}, {"hands clap", "a door slams", "a sharp bang sounds"}),
  };
}

}  // namespace earshot::scenes
