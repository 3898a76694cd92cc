#include "earshot/retrieval/evaluation.h"

#include <functional>
#include <map>
#include <numeric>
#include <string_view>
#include <utility>

namespace earshot::retrieval {
namespace {

// Value of a query that has relevant items, or what guessing reaches there.
using QueryFigure = std::function<double(const RankedQuery&)>;

struct Definition {
  std::string name;
  QueryFigure value;
  QueryFigure chance;
};

Result<Figure> mean_figure(const Definition& definition, std::span<const RankedQuery> ranked,
                           std::span<const std::size_t> clips, const BootstrapSettings& bootstrap) {
  std::vector<double> values;
  double chance = 0;
  for (const RankedQuery& query : ranked) {
    if (query.relevant.ranks.empty()) continue;
    values.push_back(definition.value(query));
    chance += definition.chance(query);
  }
  if (values.empty())
    return Error{ErrorCode::kInvalidArgument,
                 "evaluation: no query is related to anything in the gallery; do both streams come from one source?"};
  Result<Interval> interval = bootstrap_mean(values, clips, bootstrap);
  if (!interval) return std::move(interval).error();
  return Figure{definition.name, *interval, chance / static_cast<double>(values.size())};
}

}  // namespace

Result<std::vector<RankedQuery>> rank_all(const UnitRows& queries, const UnitRows& gallery, std::size_t depth) {
  if (queries.size() == 0 || gallery.size() == 0)
    return Error{ErrorCode::kInvalidArgument, "evaluation: " + std::to_string(queries.size()) + " queries and " +
                                                  std::to_string(gallery.size()) +
                                                  " items to find, expected at least one of each"};
  if (queries.dim() != gallery.dim())
    return Error{ErrorCode::kInvalidArgument, "evaluation: queries have " + std::to_string(queries.dim()) +
                                                  " dimensions and items " + std::to_string(gallery.dim()) +
                                                  ", expected embeddings of one space"};
  std::map<std::string_view, std::vector<std::size_t>> items_of;
  for (std::size_t item = 0; item < gallery.size(); ++item) items_of[gallery.related(item)].push_back(item);

  std::vector<RankedQuery> ranked;
  for (std::size_t query = 0; query < queries.size(); ++query) {
    const std::vector<float> scores = cosines(queries.row(query), gallery);
    RankedQuery result{.query = query, .relevant = {}, .best = best_items(scores, depth)};
    if (const auto items = items_of.find(queries.related(query)); items != items_of.end()) {
      Result<RelevantRanks> relevant = rank_relevant(scores, items->second);
      if (!relevant) return std::move(relevant).error();
      result.relevant = *std::move(relevant);
    }
    ranked.push_back(std::move(result));
  }
  return ranked;
}

Result<std::vector<Figure>> retrieval_figures(std::span<const RankedQuery> ranked, const UnitRows& queries,
                                              std::size_t gallery_size, std::size_t map_at,
                                              const BootstrapSettings& bootstrap) {
  std::map<std::string_view, std::size_t> number_of;
  std::vector<std::size_t> clips;
  for (const RankedQuery& query : ranked)
    if (!query.relevant.ranks.empty())
      clips.push_back(number_of.emplace(queries.related(query.query), number_of.size()).first->second);

  std::vector<Definition> definitions;
  definitions.push_back({"map@" + std::to_string(map_at),
                         [=](const RankedQuery& query) { return average_precision_at(query.relevant.ranks, map_at); },
                         [=](const RankedQuery& query) {
                           return chance_average_precision_at(gallery_size, query.relevant.ranks.size(), map_at);
                         }});
  for (const std::size_t k : {1U, 5U, 10U})
    definitions.push_back({"recall@" + std::to_string(k),
                           [=](const RankedQuery& query) { return recall_at(query.relevant.ranks, k); },
                           [=](const RankedQuery&) { return chance_recall_at(gallery_size, k); }});
  std::vector<Figure> figures;
  for (const Definition& definition : definitions) {
    Result<Figure> figure = mean_figure(definition, ranked, clips, bootstrap);
    if (!figure) return std::move(figure).error();
    figures.push_back(*std::move(figure));
  }
  return figures;
}

Result<Figure> accuracy_figure(std::span<const RankedQuery> ranked, std::size_t gallery_size,
                               const BootstrapSettings& bootstrap) {
  std::size_t count = 0;
  for (const RankedQuery& query : ranked) count += query.relevant.ranks.empty() ? 0 : 1;
  std::vector<std::size_t> clips(count);
  std::iota(clips.begin(), clips.end(), std::size_t{0});
  return mean_figure(
      {"accuracy", [](const RankedQuery& query) { return query.relevant.ranks.front() == 1 ? 1.0 : 0.0; },
       [=](const RankedQuery& query) {
         return static_cast<double>(query.relevant.ranks.size()) / static_cast<double>(gallery_size);
       }},
      ranked, clips, bootstrap);
}

}  // namespace earshot::retrieval
