"""Which model a command works with: the one that was named, the adopted one, or the one that was shipped."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from handstudio.errors import HandStudioError
from handstudio.methods import DEFAULT_METHOD
from handstudio.project import Project
from handstudio.project.records import ModelRecord


def model_for(
    project: Project, method: str | None = None, model_id: str | None = None, profile: str | None = None
) -> ModelRecord:
    """The model to work with; the shipped one enters the project when it is first needed.

    Args:
        project: where models are kept.
        method: of which method, unless a model is named; the adopted model's by default.
        model_id: a model of the project.
        profile: of which profile; the adopted model is passed over when it is of another, and a model that is
            named is refused.

    Raises:
        HandStudioError: when there is no such model, or no weights were shipped.
    """
    if model_id is not None:
        named = _named(project, method, model_id, profile)
        if profile not in (None, named.profile):
            raise HandStudioError(
                f"Model {model_id} is one of profile {named.profile}, not {profile}",
                project.path,
                "Leave --profile out, or choose another --model",
            )
        return named
    adopted = project.adopted_model(method)
    if adopted is not None and profile in (None, adopted.profile):
        return adopted
    of_method = method or (adopted.method if adopted is not None else DEFAULT_METHOD)
    return _shipped(project, of_method, profile)


def bring_model(project: Project, path: Path) -> ModelRecord:
    """Bring a model from elsewhere into a project, such as one that ``handstudio pretrain`` made; it is
    referred to where it is, and known by the name of its folder or file.

    Raises:
        HandStudioError: when it has no lineage or weights, or another model has its name.
    """
    from handstudio.methods.weights import read_lineage, weights_file

    path = path.resolve()
    lineage = read_lineage(path)
    if not weights_file(path).exists():
        raise HandStudioError("The model's weights are missing", path, "Restore the file or choose another")
    name = path.stem
    known = {model.id: model for model in project.models()}.get(name)
    if known is None:
        return project.add_model(
            name,
            name,
            lineage.method,
            lineage.profile,
            source="pretrain",
            path=path,
            lineage=lineage.to_dict(),
        )
    if Path(known.path) != path:
        raise HandStudioError(f"The project has another model {name!r}", known.path, "Rename the new one")
    return known


def _named(project: Project, method: str | None, model_id: str, profile: str | None) -> ModelRecord:
    if model_id not in {model.id for model in project.models()}:
        from handstudio.methods import registry

        for name in registry.available() if method is None else (method,):
            with suppress(HandStudioError):  # a plugin that cannot be used has no model that could be meant
                if model_id in registry.load(name).shipped.values():
                    return _shipped(project, name, profile)
    return project.model(model_id)


def _shipped(project: Project, method_name: str, profile: str | None) -> ModelRecord:
    from handstudio.methods import registry
    from handstudio.methods.weights import read_lineage, shipped_weights

    method = registry.load(method_name)
    path = shipped_weights(method, profile)
    known = {model.id: model for model in project.models()}
    if path.stem in known:
        return known[path.stem]
    lineage = read_lineage(path)
    if lineage.method != method.name:
        raise HandStudioError("These weights are of another method", path, "Install HandStudio again")
    try:
        return project.add_model(
            path.stem,
            path.stem,
            method.name,
            lineage.profile,
            source="shipped",
            path=path,
            lineage=lineage.to_dict(),
            adopted=True,
        )
    except HandStudioError:
        # another job that began at the same time may have brought it in
        found = {model.id: model for model in project.models()}.get(path.stem)
        if found is None:
            raise
        return found
