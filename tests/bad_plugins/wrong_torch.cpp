// Built with a LibTorch that is not ours.
#include "earshot/contract/plugin.h"

EARSHOT_EXPORT constinit const earshot::PluginAbi earshot_plugin_abi = {"EARSHOT", sizeof(earshot::PluginAbi),
                                                                        earshot::kAbiVersion, __VERSION__, "0.4.1"};
EARSHOT_EXPORT const earshot::PluginEntry* earshot_plugin() noexcept { return nullptr; }
