#include "lock_owner.h"

#include <fstream>
#include <sstream>

#include <sys/stat.h>

namespace earshot::cache {

// /proc/locks: "1: POSIX  ADVISORY  WRITE 1234 fe:00:56789 0 EOF". Opening the file itself to ask would give up the
// lock where it is this process that holds it.
std::optional<std::string> lock_owner(const std::string& file) {
  struct stat status = {};
  if (::stat(file.c_str(), &status) != 0) return {};
  const std::string inode = ":" + std::to_string(status.st_ino);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    std::string number, kind, manner, access, process, place;
    if (!(words >> number >> kind >> manner >> access >> process >> place) || !place.ends_with(inode)) continue;
    std::string name;
    std::getline(std::ifstream("/proc/" + process + "/comm"), name);
    return "process " + process + (name.empty() ? std::string() : " (" + name + ")");
  }
  return {};
}

}  // namespace earshot::cache
