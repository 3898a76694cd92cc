// Built with another compiler.
#include "earshot/contract/plugin.h"

EARSHOT_EXPORT constinit const earshot::PluginAbi earshot_plugin_abi = {"EARSHOT", sizeof(earshot::PluginAbi),
                                                                        earshot::kAbiVersion, "4.8.5", "none"};
EARSHOT_EXPORT const earshot::PluginEntry* earshot_plugin() noexcept { return nullptr; }
