// Its earshot_plugin_abi is something else.
#include "earshot/contract/plugin.h"

EARSHOT_EXPORT constinit const earshot::PluginAbi earshot_plugin_abi = {"NOTSHOT", sizeof(earshot::PluginAbi),
                                                                        earshot::kAbiVersion, __VERSION__, "none"};
EARSHOT_EXPORT const earshot::PluginEntry* earshot_plugin() noexcept { return nullptr; }
