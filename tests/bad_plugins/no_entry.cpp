// Has the ABI's constant and no earshot_plugin().
#include "earshot/contract/plugin.h"

EARSHOT_EXPORT constinit const earshot::PluginAbi earshot_plugin_abi = {"EARSHOT", sizeof(earshot::PluginAbi),
                                                                        earshot::kAbiVersion, __VERSION__, "none"};
