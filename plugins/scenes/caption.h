// The sentence of a scene: clauses joined as the sounds are heard, in one of several wordings.
#pragma once

#include <functional>
#include <string>

#include "earshot/contract/random.h"
#include "scene.h"

namespace earshot::scenes {

// `clause` words one sound. Steps are told in the order in which they are heard.
std::string compose_caption(const Arrangement& arrangement, const std::function<std::string(std::size_t)>& clause,
                            Random random);

}  // namespace earshot::scenes
