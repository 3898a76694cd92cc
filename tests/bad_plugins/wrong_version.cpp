// Built against another version of the contract.
#include "earshot/contract/plugin.h"

EARSHOT_EXPORT constinit const earshot::PluginAbi earshot_plugin_abi = {"EARSHOT", sizeof(earshot::PluginAbi),
                                                                        earshot::kAbiVersion + 1, __VERSION__, "none"};
EARSHOT_EXPORT const earshot::PluginEntry* earshot_plugin() noexcept { return nullptr; }
